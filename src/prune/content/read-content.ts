import type {ManifestContent} from '../../oci/manifest.ts'
import {digestInTag} from '../../oci/referrers-tag.ts'
import type {Repository} from '../../oci/reference.ts'
import type {HostClient} from '../../registry/host-client.ts'
import type {ListedImage, Listing, RepositoryContent} from '../../retention/repository-content.ts'
import {FailureLimit} from './failure-limit.ts'
import {ManifestReader} from './manifest-reader.ts'
import {addConfigurations} from './read-configurations.ts'

/** Repository to read. */
interface ContentRequest {
  readonly repository: Repository
  readonly listing: Listing
  /** Client of the host of the repository. */
  readonly client: HostClient
  /**
   * Reports whether the configuration of an image is needed, for its age or its facts, which nothing else states. It costs
   * another request.
   */
  readonly needsConfiguration: (content: RepositoryContent, digest: string) => boolean
  /** Observer of each manifest that is read. Nothing else keeps its bytes. */
  readonly onManifest?: (manifest: ManifestContent) => void
}

/**
 * Reads the listed manifests of a repository and everything that they name, each once. Tags and images that do not exist any
 * more are left out; a manifest that cannot be read is recorded with the reason.
 * @throws TagboatError `prune-unreadable` for a tag whose digest is not known, `rate-limited`, and the failure of a registry
 * that does not return many of the manifests.
 */
export async function readContent(request: ContentRequest): Promise<RepositoryContent> {
  const {listing, repository, client, needsConfiguration, onManifest = () => undefined} = request
  const failures = new FailureLimit()
  const reader = new ManifestReader({client, path: repository.path, failures, onManifest})
  const images = listing.kind === 'images' ? listing.images : []
  const listed = listing.kind === 'tags' ? await reader.readTags(listing.tags, listing.digests) : tagsOf(images)
  const digests = [...listed.values(), ...images.map(({digest}) => digest)]
  await reader.readAll(digests)
  // A list may leave out an image that exists, such as an archived or hidden one.
  await reader.readAll([...listed.keys()].flatMap((tag) => digestInTag(tag) ?? []))
  const tags = [...listed].filter(([, digest]) => reader.reads.get(digest)?.kind !== 'missing')
  const hidden = listing.kind === 'images' ? hiddenIn(reader.reads, digests) : []
  const content: RepositoryContent = {
    repository,
    tags: new Map(tags),
    manifests: reader.reads,
    isComplete: listing.kind === 'images',
    taggedAt: (listing.kind === 'tags' ? listing.taggedAt : undefined) ?? new Map<string, Date>(),
    pushedAt: valuesOf(images, ({pushedAt}) => pushedAt),
    ids: valuesOf(images, ({id}) => id),
    locked: new Set([...images.filter(({isLocked}) => isLocked).map(({digest}) => digest), ...hidden]),
  }
  return addConfigurations(content, {client, failures, needsConfiguration})
}

/** Existing manifests that the list of all images leaves out, except the parts of others. They stay. */
function hiddenIn(reads: RepositoryContent['manifests'], listed: readonly string[]): readonly string[] {
  const parts = [...reads.values()].flatMap((read) => (read.kind === 'read' ? read.manifest.children : []))
  const known = new Set([...listed, ...parts])
  return [...reads].flatMap(([digest, {kind}]) => (kind === 'missing' || known.has(digest) ? [] : [digest]))
}

function tagsOf(images: readonly ListedImage[]): ReadonlyMap<string, string> {
  return new Map(images.flatMap(({digest, tags}) => tags.map((tag): [string, string] => [tag, digest])))
}

/** Values of images by digest, of those that have one. */
function valuesOf<T>(
  images: readonly ListedImage[],
  valueOf: (image: ListedImage) => T | undefined,
): ReadonlyMap<string, T> {
  return new Map(
    images.flatMap((image): [string, T][] => {
      const value = valueOf(image)
      return value === undefined ? [] : [[image.digest, value]]
    }),
  )
}
