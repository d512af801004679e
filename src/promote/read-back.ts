import {TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {compressedSize, images, parseManifest, type Descriptor} from '../oci/manifest.ts'
import {formatPlatform, samePlatform, type Platform} from '../oci/platform.ts'
import {formatRepository, formatTagRef, type Repository, type TagRef} from '../oci/reference.ts'
import type {Content, RegistryReader} from '../registry/reader.ts'

export interface PublishedImage {
  /** `linux/amd64`; `unknown` where neither index nor build says. */
  readonly platform: string
  readonly digest: Digest
  readonly compressedBytes: number
}

/** What the registries hold now. */
export interface ReadBack {
  readonly images: readonly PublishedImage[]
  /** References that could not be read, with the reason: pushed, but not proven. */
  readonly unread: readonly {readonly reference: string; readonly reason: string}[]
}

export interface ReadBackRequest {
  readonly references: readonly TagRef[]
  readonly digest: Digest
  /** Those that were asked for; an index has to have them all. */
  readonly platforms: readonly Platform[]
  /** Platform of a build that made a single image. */
  readonly platform: Platform | undefined
}

/**
 * Reads every reference back and compares it with what was built. A registry that cannot be reached from here is no
 * failure: BuildKit has pushed to it, perhaps from another network.
 * @throws TagboatError `publish-unverified` when a registry holds something else, or nothing.
 */
export async function readBack(
  request: ReadBackRequest,
  readerOf: (repository: Repository) => RegistryReader,
): Promise<ReadBack> {
  const readers = readerPerRepository(request.references, readerOf)
  const checks = await Promise.all(
    request.references.map(async (reference) => check(reference, request.digest, readers)),
  )
  const wrong = checks.filter(({outcome}) => outcome === 'wrong')
  if (wrong.length > 0) throw new TagboatError('publish-unverified', {evidence: wrong.map(describe)})
  const unread = checks
    .filter(({outcome}) => outcome === 'unread')
    .map(({reference, found}) => ({reference: formatTagRef(reference), reason: found}))
  const readable = checks.find(({outcome}) => outcome === 'same')
  if (readable === undefined) return {images: [], unread}
  const repository = formatRepository(readable.reference.repository)
  const reader = readers.get(repository)
  try {
    return {images: reader === undefined ? [] : await publishedImages(reader, repository, request), unread}
  } catch (error) {
    if (error instanceof TagboatError) throw error
    // The tags are proven: that their platforms could not be read is no reason to call the publication a failure.
    return {images: [], unread: [...unread, {reference: `${repository}@${request.digest}`, reason: reasonOf(error)}]}
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

interface Check {
  readonly reference: TagRef
  readonly outcome: 'same' | 'wrong' | 'unread'
  /** The digest that is there, or why nothing could be read. */
  readonly found: string
}

type Readers = ReadonlyMap<string, RegistryReader>

function readerPerRepository(
  references: readonly TagRef[],
  readerOf: (repository: Repository) => RegistryReader,
): Readers {
  const repositories = new Map(references.map(({repository}) => [formatRepository(repository), repository]))
  return new Map([...repositories].map(([name, repository]) => [name, readerOf(repository)]))
}

async function check(reference: TagRef, digest: Digest, readers: Readers): Promise<Check> {
  try {
    const content = await readers.get(formatRepository(reference.repository))?.manifest(reference.tag)
    const found = content?.digest ?? 'nothing'
    return {reference, outcome: found === digest ? 'same' : 'wrong', found}
  } catch (error) {
    return {reference, outcome: 'unread', found: reasonOf(error)}
  }
}

function describe({reference, found}: Check): string {
  return `${formatTagRef(reference)} holds ${found}`
}

async function publishedImages(
  reader: RegistryReader,
  name: string,
  {digest, platforms, platform}: ReadBackRequest,
): Promise<readonly PublishedImage[]> {
  const top = await manifestAt(reader, digest)
  if (top?.kind === 'manifest') {
    const own = platform === undefined ? 'unknown' : formatPlatform(platform)
    return [{platform: own, digest, compressedBytes: compressedSize(top)}]
  }
  if (top === undefined) return []
  const children = images(top)
  requirePlatforms(platforms, children, `${name}@${digest}`)
  const read = await Promise.all(children.map(async (child) => publishedImage(reader, name, child)))
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
  reader: RegistryReader,
  name: string,
  {digest, platform}: Descriptor,
): Promise<readonly PublishedImage[]> {
  if (platform === undefined) return []
  const content = await contentAt(reader, digest)
  if (content === undefined) {
    // Whoever pulls the tag for this platform would get nothing.
    const evidence = [`${name}@${digest} (${formatPlatform(platform)}) holds nothing`]
    throw new TagboatError('publish-unverified', {evidence})
  }
  const manifest = parseManifest(content.bytes)
  if (manifest?.kind !== 'manifest') return []
  return [{platform: formatPlatform(platform), digest, compressedBytes: compressedSize(manifest)}]
}

async function manifestAt(reader: RegistryReader, digest: Digest): Promise<ReturnType<typeof parseManifest>> {
  const content = await contentAt(reader, digest)
  return content === undefined ? undefined : parseManifest(content.bytes)
}

async function contentAt(reader: RegistryReader, digest: Digest): Promise<Content | undefined> {
  const content = await reader.manifest(digest)
  if (content !== undefined && content.digest !== digest) {
    throw new TagboatError('publish-unverified', {
      evidence: [`the registry answered ${content.digest} when asked for ${digest}`],
    })
  }
  return content
}
