import {createHash} from 'node:crypto'
import {TagboatError} from '../../errors/error.ts'
import {errorCode} from '../../errors/node-error.ts'
import {algorithmOf} from '../../oci/digest.ts'
import {field, manifestMediaTypes, parseJson} from '../../oci/manifest.ts'
import {reading} from '../../registry/auth/scope.ts'
import type {HostClient} from '../../registry/host-client.ts'
import type {RegistryRequest, RegistryResponse} from '../../registry/registry-request.ts'
import {isTransientStatus} from '../../registry/retry.ts'

/** Content of a registry, whatever its type, or the reason why it cannot be read. */
export type StoredContent =
  | {readonly kind: 'read'; readonly digest: string; readonly mediaType: string; readonly bytes: Uint8Array}
  | {readonly kind: 'missing'}
  | {
      readonly kind: 'unreadable'
      readonly reason: string
      /** Failure of the registry, if another attempt may succeed. */
      readonly failure: TagboatError | undefined
    }

/** Tag or digest of a repository, which is given by its path. */
interface Reference {
  readonly path: string
  readonly reference: string
}

/**
 * Reads a manifest of any type by tag or digest. Its digest is checked if the algorithm is one of SHA-2. Nothing is kept for
 * later requests.
 * @throws TagboatError `rate-limited`, and errors of the login.
 */
export async function readStoredManifest(client: HostClient, {path, reference}: Reference): Promise<StoredContent> {
  const target = `manifests/${reference}`
  return read(client, {path, target, digest: digestIn(reference), headers: {accept}})
}

/** Reads a blob of at most 4 MiB, as `readStoredManifest` does. */
export async function readStoredBlob(
  client: HostClient,
  {path, digest}: {readonly path: string; readonly digest: string},
): Promise<StoredContent> {
  return read(client, {path, target: `blobs/${digest}`, digest, headers: {}})
}

/** Digest of a tag, as a registry states it without the content. */
type StatedDigest =
  {readonly kind: 'stated'; readonly digest: string} | {readonly kind: 'missing'} | {readonly kind: 'unknown'}

/** Asks for the digest of a tag whose content cannot be read. */
export async function statedDigest(client: HostClient, {path, reference}: Reference): Promise<StatedDigest> {
  const request: RegistryRequest = {
    method: 'HEAD',
    target: `${path}/manifests/${reference}`,
    label: `manifests/${reference}`,
    scopes: [reading(path)],
    headers: {accept},
  }
  const response = await responseOrFailure(client, request)
  if (response instanceof TagboatError) return {kind: 'unknown'}
  if (response.status === 404) return {kind: 'missing'}
  const digest = digestIn(response.headers['docker-content-digest'] ?? '')
  return response.status === 200 && digest !== undefined ? {kind: 'stated', digest} : {kind: 'unknown'}
}

/** Registries return a manifest only if its type is accepted. */
const accept = [
  ...manifestMediaTypes,
  'application/vnd.oci.artifact.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
  'application/vnd.docker.distribution.manifest.v1+json',
  '*/*',
].join(', ')

interface ContentToRead {
  readonly path: string
  readonly target: string
  readonly digest: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

async function read(client: HostClient, {path, target, digest, headers}: ContentToRead): Promise<StoredContent> {
  const request: RegistryRequest = {
    method: 'GET',
    target: `${path}/${target}`,
    label: target,
    scopes: [reading(path)],
    headers,
  }
  const response = await responseOrFailure(client, request)
  if (response instanceof TagboatError) return failed(response)
  if (response.status === 404) return {kind: 'missing'}
  if (response.status !== 200) return refused(client, request, response)
  const {body} = response
  const expected = digest ?? digestIn(response.headers['docker-content-digest'] ?? '') ?? hashOf('sha256', body)
  const found = hashOf(algorithmOf(expected) ?? '', body)
  return found === expected || found === ''
    ? {kind: 'read', digest: expected, mediaType: typeOf(response), bytes: body}
    : {kind: 'unreadable', reason: `its content has the digest ${found}`, failure: undefined}
}

/** Last response, or the failure of a request without one. */
async function responseOrFailure(
  client: HostClient,
  request: RegistryRequest,
): Promise<RegistryResponse | TagboatError> {
  try {
    return await client.call(request)
  } catch (error) {
    if (error instanceof TagboatError && error.code === 'registry-unreachable') return error
    throw error
  }
}

function failed(error: TagboatError): StoredContent {
  // Every attempt to read a response that is too long fails in the same way.
  const failure = errorCode(error.cause) === 'EMSGSIZE' ? undefined : error
  return {kind: 'unreadable', reason: error.evidence.join('; '), failure}
}

async function refused(
  client: HostClient,
  request: RegistryRequest,
  response: RegistryResponse,
): Promise<StoredContent> {
  const failure = await client.failure(request, response, 'pull')
  if (!(failure instanceof TagboatError) || failure.code === 'rate-limited') throw failure
  const isTemporary = isTransientStatus(response.status)
  return {kind: 'unreadable', reason: failure.evidence.join('; '), failure: isTemporary ? failure : undefined}
}

/** Returns a text if it is a digest. */
function digestIn(text: string): string | undefined {
  return algorithmOf(text) === undefined ? undefined : text
}

/** Digest of bytes with this algorithm. Empty for an algorithm other than SHA-2. */
function hashOf(algorithm: string, bytes: Uint8Array): string {
  if (!/^sha(?:256|384|512)$/.test(algorithm)) return ''
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/** Media type of the response, or of the document if the response states only that it is JSON, or nothing. */
function typeOf({headers, body}: RegistryResponse): string {
  const stated = (headers['content-type'] ?? '').replace(/;.*$/s, '').trim()
  if (stated !== '' && !/^(?:application\/(?:json|octet-stream)|text\/plain)$/.test(stated)) return stated
  const declared = field(parseJson(body), 'mediaType')
  return typeof declared === 'string' ? declared : stated
}
