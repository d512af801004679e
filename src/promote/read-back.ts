import {errorMessage, TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {
  compressedSize,
  images,
  parseManifest,
  type Descriptor,
  type Manifest,
  type ManifestContent,
} from '../oci/manifest.ts'
import {formatPlatform, samePlatform, type Platform} from '../oci/platform.ts'
import type {PublishedImage} from '../oci/published-image.ts'
import {formatRepository, formatTagRef, type Repository, type TagRef} from '../oci/reference.ts'
import type {RepositoryClient} from '../registry/repository-client.ts'
import {Backoff, type Sleep} from './backoff.ts'
import {describeTarget} from './unverified.ts'

/** Requests of a read back. */
export type ManifestReader = Pick<RepositoryClient, 'manifest'>

/** Image of a repository after the push. */
export interface ReadBack {
  readonly images: readonly PublishedImage[]
  /** References that could not be read, with the reason. Their platforms and sizes are unknown. */
  readonly unread: readonly {readonly reference: string; readonly reason: string}[]
}

interface ReadBackRequest {
  readonly references: readonly TagRef[]
  readonly digest: Digest
  /** Requested platforms. An index must have an image for each. */
  readonly platforms: readonly Platform[]
  /** Platform of a build with a single image. */
  readonly platform: Platform | undefined
}

/**
 * Reads every reference back and compares its digest with that of the build. If a registry does not show a push yet,
 * the read is repeated after growing delays.
 * @throws TagboatError `publish-unverified` if a tag does not exist, points to another digest, or cannot be read.
 */
export async function readBack(
  request: ReadBackRequest,
  clientOf: (repository: Repository) => ManifestReader,
  sleep: Sleep,
): Promise<ReadBack> {
  const backoff = new Backoff(sleep)
  let wrong = await findUnverified(request.references, request, clientOf)
  while (wrong.length > 0 && (await backoff.wait())) {
    wrong = await findUnverified(
      wrong.map(({reference}) => reference),
      request,
      clientOf,
    )
  }
  if (wrong.length > 0) throw new TagboatError('publish-unverified', {evidence: wrong.map(({evidence}) => evidence)})
  const [first] = request.references
  if (first === undefined) return {images: [], unread: []}
  return describeImage(clientOf(first.repository), first.repository, request)
}

/**
 * Reads the platforms and sizes of a digest, for outputs and summary. Its existence is verified elsewhere, so platforms
 * that cannot be read do not fail a publication.
 * @throws TagboatError `publish-unverified` if a part of the image is missing.
 */
export async function describeImage(
  client: ManifestReader,
  repository: Repository,
  request: Pick<ReadBackRequest, 'digest' | 'platforms' | 'platform'>,
): Promise<ReadBack> {
  const name = formatRepository(repository)
  try {
    return {images: await publishedImages(client, name, request), unread: []}
  } catch (error) {
    if (error instanceof TagboatError && error.code === 'publish-unverified') throw error
    return {images: [], unread: [{reference: `${name}@${request.digest}`, reason: reasonOf(error)}]}
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof TagboatError) return [error.message, ...error.evidence].join(' ')
  return errorMessage(error)
}

interface Unverified {
  readonly reference: TagRef
  /** Line of evidence. */
  readonly evidence: string
}

async function findUnverified(
  references: readonly TagRef[],
  {digest}: Pick<ReadBackRequest, 'digest'>,
  clientOf: (repository: Repository) => ManifestReader,
): Promise<readonly Unverified[]> {
  const found = references.map(async (reference): Promise<readonly Unverified[]> => {
    try {
      const current = (await clientOf(reference.repository).manifest(reference.tag))?.digest
      return current === digest ? [] : [{reference, evidence: describeTarget(reference, current)}]
    } catch (error) {
      return [{reference, evidence: `${formatTagRef(reference)} cannot be read: ${reasonOf(error)}`}]
    }
  })
  return (await Promise.all(found)).flat()
}

/** Images of an index or manifest in a repository. @throws TagboatError `publish-unverified` if one is missing. */
async function publishedImages(
  client: ManifestReader,
  name: string,
  {digest, platforms, platform}: Pick<ReadBackRequest, 'digest' | 'platforms' | 'platform'>,
): Promise<readonly PublishedImage[]> {
  const top = await manifestAt(client, digest)
  if (top?.kind === 'manifest') {
    const platformName = platform === undefined ? 'unknown' : formatPlatform(platform)
    return [{platform: platformName, digest, ...contentOf(top)}]
  }
  if (top === undefined) return []
  const children = images(top)
  requirePlatforms(platforms, children, `${name}@${digest}`)
  const read = await Promise.all(children.map(async (child) => publishedImage(client, name, child)))
  return read.flat()
}

function requirePlatforms(platforms: readonly Platform[], children: readonly Descriptor[], index: string): void {
  const found = children.flatMap(({platform}) => (platform === undefined ? [] : [platform]))
  const missing = platforms.filter((platform) => !found.some((one) => samePlatform(one, platform)))
  if (missing.length === 0) return
  throw new TagboatError('publish-unverified', {
    evidence: missing.map((platform) => `${index} has no image for ${formatPlatform(platform)}`),
  })
}

async function publishedImage(
  client: ManifestReader,
  name: string,
  {digest, platform}: Descriptor,
): Promise<readonly PublishedImage[]> {
  if (platform === undefined) return []
  const content = await contentAt(client, digest)
  if (content === undefined) {
    const evidence = [`${name}@${digest} (${formatPlatform(platform)}) does not exist`]
    throw new TagboatError('publish-unverified', {evidence})
  }
  const manifest = parseManifest(content.bytes)
  if (manifest?.kind !== 'manifest') return []
  return [{platform: formatPlatform(platform), digest, ...contentOf(manifest)}]
}

function contentOf(manifest: Manifest): Pick<PublishedImage, 'compressedBytes' | 'layers'> {
  const layers = manifest.layers.map(({digest, sizeBytes}) => ({digest, sizeBytes}))
  return {compressedBytes: compressedSize(manifest), layers}
}

async function manifestAt(client: ManifestReader, digest: Digest): Promise<ReturnType<typeof parseManifest>> {
  const content = await contentAt(client, digest)
  return content === undefined ? undefined : parseManifest(content.bytes)
}

async function contentAt(client: ManifestReader, digest: Digest): Promise<ManifestContent | undefined> {
  try {
    return await client.manifest(digest)
  } catch (error) {
    // Content with another digest is reported like a tag that points to another digest.
    if (!(error instanceof TagboatError) || error.code !== 'content-corrupt') throw error
    throw new TagboatError('publish-unverified', {evidence: error.evidence, cause: error})
  }
}
