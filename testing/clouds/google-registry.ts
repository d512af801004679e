import type {Http, HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {isDigest} from '../../src/oci/digest.ts'
import type {MemoryRegistry} from '../memory-registry.ts'
import {json} from './github-tokens.ts'

/** Stand-in for the lists and deletions of Google Artifact Registry, over a registry in memory. */
interface GoogleRegistryOptions {
  readonly registry: MemoryRegistry
  /** Times of upload by digest, in ms. Default: 0. */
  readonly uploaded?: Readonly<Record<string, number>>
  /** Whether tags can neither move nor be deleted. */
  readonly immutable?: boolean
  /** Whether the identity may delete. Default: true. */
  readonly mayDelete?: boolean
  /** Called before each request, such as to move a tag. */
  readonly before?: (request: HttpRequest) => void
}

/**
 * Adds the rules of Google to a registry:
 * - the map `manifest` in the list of tags (https://github.com/neuro-inc/apolo-cli/issues/2913; times are texts, as in
 *   pkg/v1/google of https://github.com/google/go-containerregistry);
 * - no deletion of a manifest with a tag, in an index, or with referrers
 *   (https://github.com/genuinetools/reg/issues/136, https://github.com/GoogleCloudPlatform/gcr-cleaner/issues/130);
 * - immutable tags, which cannot be deleted either (`immutable_tags` in google/devtools/artifactregistry/v1/repository.proto
 *   of https://github.com/googleapis/googleapis).
 */
export function googleRegistry(options: GoogleRegistryOptions): Http {
  const {registry, before} = options
  const inner = registry.http()
  return {
    ...inner,
    async send(request) {
      before?.(request)
      const [, name = '', part = '', reference = ''] =
        /^\/v2\/(.+)\/(tags|manifests)\/([^/]+)$/.exec(request.url.pathname) ?? []
      if (part === 'tags' && request.method === 'GET') return list(name, options)
      const refusal =
        part === 'manifests' && request.method === 'DELETE' ? refused(name, reference, options) : undefined
      return refusal ?? inner.send(request)
    },
  }
}

function list(name: string, {registry, uploaded = {}}: GoogleRegistryOptions): HttpResponse {
  const content = registry.snapshot()[name]
  if (content === undefined) return problem(404, 'NAME_UNKNOWN', 'Repository not found')
  const manifest = Object.fromEntries(
    content.manifests.map((digest) => [
      digest,
      {
        imageSizeBytes: '3374446',
        layerId: '',
        mediaType: registry.manifest(name, digest)?.mediaType,
        tag: tagsOf(digest, content.tags),
        timeCreatedMs: '0',
        timeUploadedMs: String(uploaded[digest] ?? 0),
      },
    ]),
  )
  return json(200, {child: [], manifest, name, tags: Object.keys(content.tags)})
}

function tagsOf(digest: string, tags: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(tags).flatMap(([tag, target]) => (target === digest ? [tag] : []))
}

function refused(name: string, reference: string, options: GoogleRegistryOptions): HttpResponse | undefined {
  const {registry, immutable = false, mayDelete = true} = options
  if (!mayDelete) {
    const resource = `projects/${name.split('/').slice(0, 2).join('/repositories/')}`
    const permission = 'artifactregistry.repositories.deleteArtifacts'
    return problem(403, 'DENIED', `Permission "${permission}" denied on resource "${resource}" (or it may not exist)`)
  }
  const tags = registry.snapshot()[name]?.tags ?? {}
  if (isDigest(reference)) return refusedManifest(name, reference, options)
  const text = `cannot delete tag ${reference}. The repository has enabled tag immutability`
  return immutable && tags[reference] !== undefined ? problem(400, 'MANIFEST_INVALID', text) : undefined
}

function refusedManifest(name: string, reference: string, {registry}: GoogleRegistryOptions): HttpResponse | undefined {
  const {tags = {}, manifests = []} = registry.snapshot()[name] ?? {}
  const [tag] = tagsOf(reference, tags)
  if (tag !== undefined)
    return problem(400, 'GOOGLE_MANIFEST_DANGLING_TAG', `Manifest is still referenced by tag: ${tag}`)
  for (const digest of manifests) {
    const manifest = JSON.parse(registry.manifest(name, digest)?.bytes.toString() ?? '{}') as StoredManifest
    const by = `Manifest ${reference} is referenced by image ${digest}`
    if (manifest.manifests?.some((child) => child.digest === reference) === true)
      return problem(400, 'GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE', by)
    if (manifest.subject?.digest === reference) return problem(400, 'GOOGLE_MANIFEST_REFERRING_MANIFEST', by)
  }
  return undefined
}

interface StoredManifest {
  readonly manifests?: readonly {readonly digest: string}[]
  readonly subject?: {readonly digest: string}
}

function problem(status: number, code: string, message: string): HttpResponse {
  return json(status, {errors: [{code, message}]})
}
