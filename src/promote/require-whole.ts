import type {ErrorCode} from '../errors/catalogue.ts'
import {TagboatError} from '../errors/error.ts'
import {manifestParts, type Descriptor, type ManifestContent} from '../oci/manifest.ts'
import type {Digest} from '../oci/digest.ts'
import {formatRepository} from '../oci/reference.ts'
import {limiter} from '../registry/limit.ts'
import type {RepositoryClient} from '../registry/repository-client.ts'
import {Backoff, type Sleep} from './backoff.ts'

/** Requests to one repository at the same time. */
const atOnce = 16

/** Indexes in indexes, and no deeper: images have two levels. */
const mostLevels = 8

/** An image in a repository. */
interface PushedImage {
  readonly content: ManifestContent
  /** Manifests below it that this run has made: what they list can be asked for before they are read. */
  readonly parts: readonly ManifestContent[]
  /** Settles when the repository shows the image by its digest; undefined where it does already. */
  readonly shown?: Promise<unknown> | undefined
}

/**
 * Reads every manifest that an image needs, and asks for each of its blobs, in all repositories. A registry that shows them
 * later than it took them is asked again.
 * @throws TagboatError `publish-unverified`, with a line for each part that is missing.
 */
export async function requireWhole(
  image: PushedImage,
  clients: readonly RepositoryClient[],
  sleep: Sleep,
): Promise<void> {
  const missing = await Promise.all(clients.map(async (client) => missingFrom(client, image, new Backoff(sleep))))
  const evidence = clients.flatMap(({repository}, index) =>
    (missing[index] ?? []).map((digest) => `${formatRepository(repository)} does not hold ${digest}`),
  )
  if (evidence.length === 0) return
  throw new TagboatError('publish-unverified', {
    message: 'The image is not whole: the registry does not hold everything that it needs.',
    evidence,
    remedy:
      'The registry took these parts and does not show them, or has deleted them since: look at its storage and clean-up rules, then run the job again. No tag was changed.',
  })
}

async function missingFrom(client: RepositoryClient, image: PushedImage, backoff: Backoff): Promise<readonly Digest[]> {
  let missing = await look(client, image)
  if (missing.length > 0 && image.shown !== undefined) {
    await image.shown
    missing = await look(client, image)
  }
  while (missing.length > 0 && (await backoff.wait())) missing = await look(client, image)
  return missing
}

/** Asks for everything at once; what a manifest lists that this run has not made is known when it has been read. */
async function look(client: RepositoryClient, {content, parts}: PushedImage): Promise<readonly Digest[]> {
  const made = new Map(parts.map((part) => [part.digest, part]))
  const missing = new Set<Digest>()
  const seen = new Set<Digest>()
  const limited = limiter(atOnce)

  const readManifest = async (digest: Digest): Promise<ManifestContent | undefined> => {
    const found = await limited(async () => client.manifest(digest))
    if (found === undefined) missing.add(digest)
    return found
  }
  const readBlob = async (blob: Descriptor): Promise<void> => {
    if (!(await limited(async () => holdsBlob(client, blob)))) missing.add(blob.digest)
  }
  const visit = async (digest: Digest, depth: number): Promise<void> => {
    const known = made.get(digest)
    if (known === undefined) return visitParts(await readManifest(digest), depth)
    await Promise.all([readManifest(digest), visitParts(known, depth)])
  }
  const visitParts = async (manifest: ManifestContent | undefined, depth: number): Promise<void> => {
    const lists = manifest && manifestParts(manifest.bytes)
    if (lists === undefined) return
    await Promise.all([
      ...unseen(lists.blobs, seen).map(readBlob),
      ...unseen(lists.manifests, seen).map(async (child) => {
        if (depth < mostLevels) await visit(child.digest, depth + 1)
        // Deeper content is not read, and so not known to be there.
        else missing.add(child.digest)
      }),
    ])
  }

  seen.add(content.digest)
  made.set(content.digest, content)
  await visit(content.digest, 1)
  return [...missing]
}

function unseen(descriptors: readonly Descriptor[], seen: Set<Digest>): readonly Descriptor[] {
  return descriptors.filter(({digest}) => {
    if (seen.has(digest)) return false
    seen.add(digest)
    return true
  })
}

/** How the client tells a 404, with a code of the specification or without. */
const absent: ReadonlySet<ErrorCode> = new Set(['repository-missing', 'ecr-repository-missing', 'registry-failed'])

/** A blob that HEAD does not find is asked for by GET: some proxies do not pass HEAD on. */
async function holdsBlob(client: RepositoryClient, blob: Descriptor): Promise<boolean> {
  if (await client.hasBlob(blob)) return true
  try {
    for await (const chunk of client.readBlob(blob)) {
      if (chunk.byteLength > 0) return true
    }
    return true
  } catch (error) {
    if (error instanceof TagboatError && absent.has(error.code)) return false
    throw error
  }
}
