import {TagboatError} from '../../errors/error.ts'
import {namedAddressRemedy} from '../../errors/named-address.ts'
import {parseErrorBody} from '../error-body.ts'
import {corrupt} from '../../errors/corrupt.ts'
import {uploadLocation} from './location.ts'
import {redactText, redactUrl} from '../redact.ts'
import type {BlobDescriptor} from '../repository-client.ts'
import {writing} from '../auth/scope.ts'
import type {HostClient} from '../host-client.ts'
import type {RegistryRequest, RegistryResponse} from '../registry-request.ts'

/** Upload of a blob to a repository. */
export interface Upload {
  readonly client: HostClient
  readonly path: string
  readonly blob: BlobDescriptor
  /** Returns the bytes from the start, for each attempt. */
  readonly open: () => AsyncIterable<Uint8Array>
  /** Returns an upload that was started before, once. */
  readonly started: () => Started | undefined | Promise<Started | undefined>
  /** Called with the number of bytes that have been sent so far, before each piece and at the end. */
  readonly onSent: (bytes: number) => void
}

/**
 * Factor of the timeout of requests that store a blob: some registries copy or hash the whole blob before they respond.
 */
export const storeFactor = 8

/** Started upload. */
export interface Started {
  readonly location: URL
  /** `OCI-Chunk-Min-Length`. Default: 0. */
  readonly minimumBytes: number
}

/** Request that starts an upload. */
export function startRequest(path: string): RegistryRequest {
  const target = `${path}/blobs/uploads/`
  return {method: 'POST', target, label: 'blobs/uploads/', scopes: [writing(path)], headers: {'content-length': '0'}}
}

/** Starts an upload. @throws TagboatError if the registry refuses it. */
export async function startUpload(upload: Upload): Promise<Started> {
  const {client, path} = upload
  const response = await client.call(startRequest(path))
  if (response.status !== 202) throw await uploadFailure(upload, response, 'POST')
  const now = startedUpload(response)
  if (now === undefined) throw noLocation(upload, response)
  return now
}

/** Upload that a response (202) names. Undefined if its location is missing or not allowed. */
export function startedUpload({headers, url}: RegistryResponse): Started | undefined {
  const location = uploadLocation(headers['location'], url)
  if (location === undefined) return undefined
  const minimum = Number(headers['oci-chunk-min-length'] ?? 0)
  return {location, minimumBytes: Number.isSafeInteger(minimum) && minimum > 0 ? minimum : 0}
}

const damaged = new Set(['DIGEST_INVALID', 'SIZE_INVALID'])

/** Error for a missing or refused `Location`: over plain HTTP, or on this machine. */
function noLocation({client, path}: Upload, {headers, url}: RegistryResponse): TagboatError {
  const location = headers['location'] ?? ''
  const request = `POST ${path}/blobs/uploads/: 202`
  if (location === '' || !URL.canParse(location, url.href)) {
    return new TagboatError('registry-failed', {
      message: `${client.host} did not return the location of an upload.`,
      evidence: [`${request} without a usable Location`],
    })
  }
  const target = new URL(location, url)
  return new TagboatError('registry-failed', {
    message: `${client.host} names ${client.hide(`${target.protocol}//${target.host}`)} for uploads, which is not allowed.`,
    evidence: [`${request} with the Location ${redactUrl(target, client.hide)}`],
    remedy: `Uploads require HTTPS, and a registry on another machine must not name this one. ${namedAddressRemedy}`,
  })
}

/** Creates the error of a failed upload. */
export async function uploadFailure(
  {client, path, blob}: Upload,
  response: RegistryResponse,
  method: 'POST' | 'PUT' = 'PUT',
): Promise<Error> {
  const failure = await client.failure({method, scopes: [writing(path)]}, response, 'push')
  const isDamaged = parseErrorBody(response.body, client.hide).some(({code}) => damaged.has(code))
  if (!isDamaged || !(failure instanceof TagboatError)) return failure
  return corrupt(`${client.host}/${path}@${blob.digest}`, `refused as damaged: ${failure.evidence.join('; ')}`)
}

/** Wraps a body, the bytes of a blob from a position, so that its progress is reported. */
export async function* counted(
  body: AsyncIterable<Uint8Array>,
  {onSent}: Pick<Upload, 'onSent'>,
  from = 0,
): AsyncGenerator<Uint8Array, void, undefined> {
  let position = from
  onSent(position)
  for await (const chunk of body) {
    yield chunk
    position += chunk.byteLength
    onSent(position)
  }
}

/** Reports whether the status of a response is 2xx. */
export function isSuccess({status}: RegistryResponse): boolean {
  return status >= 200 && status < 300
}

/** Checks the digest that the registry reports after an upload. @throws TagboatError `content-corrupt` */
export function requireSame({client, path, blob}: Upload, {headers}: RegistryResponse): void {
  const stated = headers['docker-content-digest']
  if (stated === undefined || stated === blob.digest) return
  throw corrupt(`${client.host}/${path}@${blob.digest}`, redactText(stated, client.hide))
}
