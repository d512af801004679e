import type {ErrorCode} from '../errors/catalogue.ts'
import {TagboatError} from '../errors/error.ts'
import {contentOf} from '../oci/content.ts'
import type {Digest} from '../oci/digest.ts'
import type {Descriptor} from '../oci/manifest.ts'
import {formatRepository} from '../oci/reference.ts'
import {forEachBounded} from '../registry/bounded.ts'
import type {ManifestContent, RepositoryClient} from '../registry/repository-client.ts'
import {Patience, type Sleep} from './patience.ts'

/** Requests to one repository at the same time. */
const atOnce = 16

/** Indexes in indexes, and no deeper: images have two levels. */
const mostLevels = 8

/**
 * Reads every manifest that an image needs, and asks for each of its blobs, in all repositories. A registry that shows them
 * later than it took them is asked again.
 * @throws TagboatError `publish-unverified`, with a line for each part that is missing.
 */
export async function requireWhole(
  content: ManifestContent,
  clients: readonly RepositoryClient[],
  sleep: Sleep,
): Promise<void> {
  const missing = await Promise.all(clients.map(async (client) => missingFrom(client, content, new Patience(sleep))))
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

async function missingFrom(
  client: RepositoryClient,
  content: ManifestContent,
  patience: Patience,
): Promise<readonly Digest[]> {
  for (;;) {
    const missing = await look(client, content)
    if (missing.length === 0 || !(await patience.pause())) return missing
  }
}

/** Level by level: the image itself, what it lists, and the blobs of all of that. */
async function look(client: RepositoryClient, top: ManifestContent): Promise<readonly Digest[]> {
  const missing = new Set<Digest>()
  const seen = new Set<Digest>([top.digest])
  let level: readonly ManifestContent[] = [top]
  for (let depth = 0; level.length > 0 && depth < mostLevels; depth += 1) {
    const parts = level.map(({bytes}) => contentOf(bytes))
    const fresh = unseen(
      parts.flatMap((part) => part?.manifests ?? []),
      seen,
    )
    const blobs = unseen(
      parts.flatMap((part) => part?.blobs ?? []),
      seen,
    )
    const next: ManifestContent[] = []
    await Promise.all([
      level[0] === top ? requireTop(client, top, missing) : undefined,
      forEachBounded(fresh, atOnce, async ({digest}) => {
        const child = await client.manifest(digest)
        if (child === undefined) missing.add(digest)
        else next.push(child)
      }),
      forEachBounded(blobs, atOnce, async (blob) => {
        if (!(await holdsBlob(client, blob))) missing.add(blob.digest)
      }),
    ])
    level = next
  }
  // What lies deeper was not looked at, and is not called whole.
  for (const {digest} of level) missing.add(digest)
  return [...missing]
}

async function requireTop(client: RepositoryClient, {digest}: ManifestContent, missing: Set<Digest>): Promise<void> {
  if ((await client.manifest(digest)) === undefined) missing.add(digest)
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
