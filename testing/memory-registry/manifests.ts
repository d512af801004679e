import {digestOf, isDigest, type Digest} from '../../src/oci/digest.ts'
import {isTag} from '../../src/oci/reference.ts'
import {answer, problem, problems, type RegistryProblem} from './answers.ts'
import {moveTag, storeManifest, type RepositoryStore} from './store.ts'
import type {Answer, StoredManifest} from './types.ts'
import {addressOf, type RequestContext} from './request-context.ts'

/** Answers `/v2/NAME/manifests/REFERENCE`. */
export function manifests(context: RequestContext, given: string): Answer {
  const reference = context.options.digestTags === true ? given.replace(/^sha256-(?=[0-9a-f]{64}$)/, 'sha256:') : given
  if (!isDigest(reference) && !isTag(reference)) return problem(404, 'MANIFEST_UNKNOWN')
  switch (context.request.method) {
    case 'GET':
    case 'HEAD':
      return read(context, reference)
    case 'PUT':
      return put(context, reference)
    case 'DELETE':
      return remove(context, reference)
    default:
      return answer(405, {allow: 'DELETE, GET, HEAD, PUT'})
  }
}

function read({repository, request, options}: RequestContext, reference: string): Answer {
  const digest = resolve(repository, reference)
  const stored = digest && repository?.manifests.get(digest)
  const isHidden = options.hidesUntagged === true && !isTagged(repository, digest)
  if (digest === undefined || stored === undefined || isHidden) return problem(404, 'MANIFEST_UNKNOWN')
  if (!accepts(request.headers['accept'], stored.mediaType)) {
    return problem(404, 'MANIFEST_UNKNOWN', `the Accept header does not support ${stored.mediaType}`)
  }
  return answer(
    200,
    {'content-type': stored.mediaType, 'docker-content-digest': digest, etag: `"${digest}"`},
    stored.bytes,
  )
}

/** Whether a tag points to the manifest, or to an index that contains it. */
function isTagged(repository: RepositoryStore | undefined, digest: Digest | undefined): boolean {
  const reached = new Set<string>(repository?.tags.values())
  for (const one of reached) {
    const manifest = isDigest(one) ? repository?.manifests.get(one) : undefined
    for (const child of (manifest && parse(manifest)?.manifests) ?? []) reached.add(child.digest)
  }
  return digest !== undefined && reached.has(digest)
}

/** Whether the Accept header names the media type. As in distribution 2.8, wildcards do not match the types of OCI. */
function accepts(header: string | undefined, mediaType: string): boolean {
  const types = (header ?? '').split(',').map((type) => type.replace(/;.*$/, '').trim())
  return types.includes(mediaType)
}

export function resolve(repository: RepositoryStore | undefined, reference: string): Digest | undefined {
  return isDigest(reference) ? reference : repository?.tags.get(reference)
}

function put(context: RequestContext, reference: string): Answer {
  const {request, store, name, options} = context
  const manifest: StoredManifest = {mediaType: request.headers['content-type'] ?? '', bytes: request.body}
  const fields = parse(manifest)
  if (fields === undefined) return problem(400, 'MANIFEST_INVALID')
  const digest = digestOf(manifest.bytes)
  const refused = refusedPut(context, reference, {digest, fields})
  if (refused !== undefined) return refused
  storeManifest(store, name, manifest)
  if (!isDigest(reference)) moveTag(store, {client: request.client, repository: name, tag: reference, to: digest})
  const subject = options.referrers === false ? undefined : fields.subject?.digest
  return answer(201, {
    location: addressOf(context, `/v2/${name}/manifests/${digest}`),
    'docker-content-digest': digest,
    ...(subject !== undefined && {'oci-subject': subject}),
  })
}

function refusedPut(
  {repository, options, name}: RequestContext,
  reference: string,
  {digest, fields}: {readonly digest: Digest; readonly fields: ManifestFields},
): Answer | undefined {
  if (isDigest(reference) && reference !== digest) return problem(400, 'DIGEST_INVALID')
  const unknown = missing(repository, fields)
  if (unknown.length > 0) return problems(400, unknown)
  const current = repository?.tags.get(reference)
  const exists = current !== undefined && (current !== digest || options.immutableAcceptsSame !== true)
  return exists && options.immutable?.(name, reference) === true
    ? problem(400, 'TAG_INVALID', immutableText(name, reference))
    : undefined
}

/** Message of Amazon ECR. */
function immutableText(name: string, tag: string): string {
  return `The image tag '${tag}' already exists in the '${name}' repository and cannot be overwritten because the tag is immutable.`
}

export interface Described {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly urls?: readonly string[]
}

/** Fields of a manifest or index that a registry checks. */
export interface ManifestFields {
  readonly mediaType?: string
  readonly config?: Described
  readonly layers?: readonly Described[]
  readonly manifests?: readonly Described[]
  readonly subject?: Described
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

const indexTypes = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
])
const imageTypes = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
])

/** Parses a manifest. Returns undefined if the document does not match its media type. */
export function parse({mediaType, bytes}: StoredManifest): ManifestFields | undefined {
  const fields = parseJson(bytes)
  if (fields === undefined || (fields.mediaType !== undefined && fields.mediaType !== mediaType)) return undefined
  if (indexTypes.has(mediaType)) return Array.isArray(fields.manifests) ? fields : undefined
  return imageTypes.has(mediaType) && fields.config !== undefined && Array.isArray(fields.layers) ? fields : undefined
}

function parseJson(bytes: Buffer): ManifestFields | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null && 'schemaVersion' in value && value.schemaVersion === 2
      ? (value as ManifestFields)
      : undefined
  } catch {
    return undefined
  }
}

/** Missing blobs and manifests. A missing subject is allowed by the spec. */
function missing(repository: RepositoryStore | undefined, fields: ManifestFields): readonly RegistryProblem[] {
  const blobs = [fields.config, ...(fields.layers ?? [])].filter((one) => one !== undefined)
  const absent = [
    ...blobs.filter(({urls, digest}) => urls === undefined && !hasKey(repository?.blobs, digest)),
    ...(fields.manifests ?? []).filter(({digest}) => !hasKey(repository?.manifests, digest)),
  ]
  return absent.map(({digest}) => ({code: 'MANIFEST_BLOB_UNKNOWN', detail: {digest}}))
}

function hasKey(map: ReadonlyMap<Digest, unknown> | undefined, digest: string): boolean {
  return isDigest(digest) && map?.has(digest) === true
}

function remove({request, store, name, repository, options}: RequestContext, reference: string): Answer {
  const digest = resolve(repository, reference)
  const support = isDigest(reference) ? options.deletes?.manifests : options.deletes?.tags
  if (support === false) return problem(405, 'UNSUPPORTED')
  if (support === 400) return problem(400, 'DIGEST_INVALID')
  if (digest === undefined || repository?.manifests.has(digest) !== true) return problem(404, 'MANIFEST_UNKNOWN')
  const isImage = isDigest(reference) || support === 'image'
  const tags = isImage
    ? [...repository.tags].filter(([, current]) => current === digest).map(([tag]) => tag)
    : [reference]
  const immutable = tags.find((tag) => options.immutable?.(name, tag) === true)
  if (immutable !== undefined) return problem(403, 'DENIED', immutableText(name, immutable))
  for (const tag of tags) moveTag(store, {client: request.client, repository: name, tag, to: undefined})
  if (isImage) repository.manifests.delete(digest)
  return answer(202)
}
