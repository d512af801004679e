import {TagboatError} from '../errors/error.ts'
import type {Attached} from '../oci/attestations.ts'
import {manifestParts, type Descriptor, type ManifestContent} from '../oci/manifest.ts'
import type {Digest} from '../oci/digest.ts'
import {formatRepository} from '../oci/reference.ts'
import {limiter} from '../registry/limit.ts'
import type {RepositoryClient} from '../registry/repository-client.ts'
import {Backoff, type Sleep} from './backoff.ts'

/** Maximum number of parallel requests to one repository. */
const maxRequests = 16

/** Maximum depth of indexes in indexes. Images have two levels. */
const maxLevels = 8

/** An image in a repository. */
interface PushedImage {
  readonly content: ManifestContent
  /** Manifests below it that this run has pushed: their children are checked before the manifests are read. */
  readonly parts: readonly ManifestContent[]
  /** Referrers of its manifests that this run has pushed. */
  readonly attached?: readonly Attached[] | undefined
  /** Settles when the repository shows the image by its digest. Undefined if it does already. */
  readonly shown?: Promise<unknown> | undefined
}

/**
 * Reads every manifest of an image, and checks that each of its blobs exists, in all repositories. If a registry does
 * not show a part yet, the check is repeated after growing delays.
 * @throws TagboatError `publish-unverified`, with one line of evidence per missing part.
 */
export async function requireWhole(
  image: PushedImage,
  clients: readonly RepositoryClient[],
  sleep: Sleep,
): Promise<void> {
  const missing = await Promise.all(clients.map(async (client) => missingFrom(client, image, new Backoff(sleep))))
  const evidence = clients.flatMap(({repository}, index) =>
    (missing[index] ?? []).map((digest) => `${formatRepository(repository)} does not have ${digest}`),
  )
  if (evidence.length === 0) return
  throw new TagboatError('publish-unverified', {
    message: 'The image is incomplete: the registry lacks some of its parts.',
    evidence,
    remedy:
      'The registry accepted these parts and does not show them, or has deleted them since. Check its storage and its retention rules, then run the job again.',
  })
}

async function missingFrom(client: RepositoryClient, image: PushedImage, backoff: Backoff): Promise<readonly Digest[]> {
  let missing = await findMissing(client, image)
  if (missing.length > 0 && image.shown !== undefined) {
    await image.shown
    missing = await findMissing(client, image)
  }
  while (missing.length > 0 && (await backoff.wait())) missing = await findMissing(client, image)
  return missing
}

/** Checks all parts in parallel. A manifest that this run has not pushed is read before its children are checked. */
async function findMissing(
  client: RepositoryClient,
  {content, parts, attached = []}: PushedImage,
): Promise<readonly Digest[]> {
  const known = new Map(parts.map((part) => [part.digest, part]))
  const missing = new Set<Digest>()
  const seen = new Set<Digest>()
  const limited = limiter(maxRequests)

  const readManifest = async (digest: Digest): Promise<ManifestContent | undefined> => {
    const found = await limited(async () => client.manifest(digest))
    if (found === undefined) missing.add(digest)
    return found
  }
  const readBlob = async (blob: Descriptor): Promise<void> => {
    if (!(await limited(async () => hasBlob(client, blob)))) missing.add(blob.digest)
  }
  const visit = async (digest: Digest, depth: number): Promise<void> => {
    const manifest = known.get(digest)
    if (manifest === undefined) return visitParts(await readManifest(digest), depth)
    await Promise.all([readManifest(digest), visitParts(manifest, depth)])
  }
  const visitParts = async (manifest: ManifestContent | undefined, depth: number): Promise<void> => {
    const lists = manifest && manifestParts(manifest.bytes)
    if (lists === undefined) return
    await Promise.all([
      ...unseen(lists.blobs, seen).map(readBlob),
      ...unseen(lists.manifests, seen).map(async (child) => {
        if (depth < maxLevels) await visit(child.digest, depth + 1)
        // Deeper content is not read, so it is not known to exist.
        else missing.add(child.digest)
      }),
    ])
  }

  seen.add(content.digest)
  known.set(content.digest, content)
  await Promise.all([
    visit(content.digest, 1),
    ...attached.map(async (referrer) => {
      known.set(referrer.content.digest, referrer.content)
      await visit(referrer.content.digest, 1)
    }),
  ])
  return [...missing]
}

function unseen(descriptors: readonly Descriptor[], seen: Set<Digest>): readonly Descriptor[] {
  return descriptors.filter(({digest}) => {
    if (seen.has(digest)) return false
    seen.add(digest)
    return true
  })
}

/**
 * Checks a blob by HEAD, then by GET: some proxies do not forward HEAD.
 * @throws TagboatError if the registry fails: the blob may exist.
 */
async function hasBlob(client: RepositoryClient, blob: Descriptor): Promise<boolean> {
  if (await client.hasBlob(blob)) return true
  try {
    for await (const chunk of client.readBlob(blob)) {
      if (chunk.byteLength > 0) return true
    }
    return true
  } catch (error) {
    if (error instanceof TagboatError && error.isAbsent) return false
    throw error
  }
}
