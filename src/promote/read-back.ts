import {errorMessage, TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {compressedSize, images, parseManifest, type Descriptor, type ManifestContent} from '../oci/manifest.ts'
import {formatPlatform, samePlatform, type Platform} from '../oci/platform.ts'
import {formatRepository, formatTagRef, type Repository, type TagRef} from '../oci/reference.ts'
import type {RepositoryClient} from '../registry/repository-client.ts'
import {Backoff, type Sleep} from './backoff.ts'

/** What reading back asks of a registry. */
type ManifestReader = Pick<RepositoryClient, 'manifest'>

export interface PublishedImage {
  /** `linux/amd64`; `unknown` where neither index nor build says. */
  readonly platform: string
  readonly digest: Digest
  readonly compressedBytes: number
}

/** What a repository holds now. */
export interface ReadBack {
  readonly images: readonly PublishedImage[]
  /** What could not be read, with the reason: the platforms and sizes are unknown. */
  readonly unread: readonly {readonly reference: string; readonly reason: string}[]
}

interface ReadBackRequest {
  readonly references: readonly TagRef[]
  readonly digest: Digest
  /** Those that were asked for; an index has to have them all. */
  readonly platforms: readonly Platform[]
  /** Platform of a build that made a single image. */
  readonly platform: Platform | undefined
}

/**
 * Reads every reference back and compares it with what was built. What a registry shows later than it took it is read again,
 * with growing waits.
 * @throws TagboatError `publish-unverified` when a registry holds something else or nothing, or cannot be read.
 */
export async function readBack(
  request: ReadBackRequest,
  clientOf: (repository: Repository) => ManifestReader,
  sleep: Sleep,
): Promise<ReadBack> {
  const backoff = new Backoff(sleep)
  let wrong = await unproven(request.references, request, clientOf)
  while (wrong.length > 0 && (await backoff.wait())) {
    wrong = await unproven(
      wrong.map(({reference}) => reference),
      request,
      clientOf,
    )
  }
  if (wrong.length > 0) throw new TagboatError('publish-unverified', {evidence: wrong.map(describe)})
  const [first] = request.references
  if (first === undefined) return {images: [], unread: []}
  return describeImage(clientOf(first.repository), first.repository, request)
}

/**
 * What a repository holds under a digest, for outputs and summary. That it is there is proven otherwise: that its platforms
 * could not be read is no reason to call a publication a failure.
 * @throws TagboatError `publish-unverified` when a part of it is missing.
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

interface Unproven {
  readonly reference: TagRef
  /** `holds sha256:…`, or why nothing could be read. */
  readonly found: string
}

async function unproven(
  references: readonly TagRef[],
  {digest}: Pick<ReadBackRequest, 'digest'>,
  clientOf: (repository: Repository) => ManifestReader,
): Promise<readonly Unproven[]> {
  const found = references.map(async (reference): Promise<readonly Unproven[]> => {
    try {
      const held = (await clientOf(reference.repository).manifest(reference.tag))?.digest
      return held === digest ? [] : [{reference, found: `holds ${held ?? 'nothing'}`}]
    } catch (error) {
      return [{reference, found: `cannot be read: ${reasonOf(error)}`}]
    }
  })
  return (await Promise.all(found)).flat()
}

function describe({reference, found}: Unproven): string {
  return `${formatTagRef(reference)} ${found}`
}

/** The images of an index or manifest that a repository holds. @throws TagboatError `publish-unverified` when one is missing. */
async function publishedImages(
  client: ManifestReader,
  name: string,
  {digest, platforms, platform}: Pick<ReadBackRequest, 'digest' | 'platforms' | 'platform'>,
): Promise<readonly PublishedImage[]> {
  const top = await manifestAt(client, digest)
  if (top?.kind === 'manifest') {
    const own = platform === undefined ? 'unknown' : formatPlatform(platform)
    return [{platform: own, digest, compressedBytes: compressedSize(top)}]
  }
  if (top === undefined) return []
  const children = images(top)
  requirePlatforms(platforms, children, `${name}@${digest}`)
  const read = await Promise.all(children.map(async (child) => publishedImage(client, name, child)))
  return read.flat()
}

function requirePlatforms(wanted: readonly Platform[], children: readonly Descriptor[], index: string): void {
  const found = children.flatMap(({platform}) => (platform === undefined ? [] : [platform]))
  const missing = wanted.filter((platform) => !found.some((one) => samePlatform(one, platform)))
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
    // Whoever pulls the tag for this platform would get nothing.
    const evidence = [`${name}@${digest} (${formatPlatform(platform)}) holds nothing`]
    throw new TagboatError('publish-unverified', {evidence})
  }
  const manifest = parseManifest(content.bytes)
  if (manifest?.kind !== 'manifest') return []
  return [{platform: formatPlatform(platform), digest, compressedBytes: compressedSize(manifest)}]
}

async function manifestAt(client: ManifestReader, digest: Digest): Promise<ReturnType<typeof parseManifest>> {
  const content = await contentAt(client, digest)
  return content === undefined ? undefined : parseManifest(content.bytes)
}

async function contentAt(client: ManifestReader, digest: Digest): Promise<ManifestContent | undefined> {
  try {
    return await client.manifest(digest)
  } catch (error) {
    // Content of another digest is told like any other thing that is not what was built.
    if (!(error instanceof TagboatError) || error.code !== 'content-corrupt') throw error
    throw new TagboatError('publish-unverified', {evidence: error.evidence, cause: error})
  }
}
