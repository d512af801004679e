import {TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {compressedSize, images, parseManifest} from '../oci/manifest.ts'
import {formatPlatform, type Platform} from '../oci/platform.ts'
import {formatRepository, formatTagRef, type Repository, type TagRef} from '../oci/reference.ts'
import type {RegistryReader} from '../registry/reader.ts'

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
    return {images: reader === undefined ? [] : await publishedImages(reader, request), unread}
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
  {digest, platform}: ReadBackRequest,
): Promise<readonly PublishedImage[]> {
  const top = await manifestAt(reader, digest)
  if (top?.kind === 'manifest') {
    const name = platform === undefined ? 'unknown' : formatPlatform(platform)
    return [{platform: name, digest, compressedBytes: compressedSize(top)}]
  }
  const children = top === undefined ? [] : images(top)
  const read = await Promise.all(
    children.map(async (child): Promise<readonly PublishedImage[]> => {
      const manifest = await manifestAt(reader, child.digest)
      if (manifest?.kind !== 'manifest' || child.platform === undefined) return []
      return [
        {platform: formatPlatform(child.platform), digest: child.digest, compressedBytes: compressedSize(manifest)},
      ]
    }),
  )
  return read.flat()
}

async function manifestAt(reader: RegistryReader, digest: Digest): Promise<ReturnType<typeof parseManifest>> {
  const content = await reader.manifest(digest)
  if (content !== undefined && content.digest !== digest) {
    throw new TagboatError('publish-unverified', {
      evidence: [`the registry answered ${content.digest} when asked for ${digest}`],
    })
  }
  return content === undefined ? undefined : parseManifest(content.bytes)
}
