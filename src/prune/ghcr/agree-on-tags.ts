import {retentionError} from '../../errors/retention-error.ts'
import {forEachBounded} from '../../registry/limit.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {reservedRequests} from './list-versions.ts'
import type {PackageVersion} from './package-version.ts'
import type {PackageVersions} from './package-versions.ts'

/** The two lists of the same tags: that of the API of GitHub, and that of the registry. */
interface TagLists {
  readonly versions: PackageVersions
  readonly client: Pick<RepositoryClient, 'tags' | 'head'>
}

/** Tags that only one of two lists contains. */
interface Difference {
  /** Tags of versions that the registry does not list. */
  readonly unlisted: readonly string[]
  /** Tags that the registry lists, and that no version has. */
  readonly unversioned: readonly string[]
}

/** Time that GitHub gets to show a change in both lists. */
const settleMs = 2_000
const maxConcurrent = 4
const maxShown = 5

/**
 * Checks that the versions of a package have exactly the tags that the registry lists. What differs is read once more.
 * Returns the versions as they were read last.
 * @throws TagboatError `prune-list-cut` if the lists still differ: one of them is not complete.
 */
export async function agreeOnTags(
  listed: readonly PackageVersion[],
  lists: TagLists,
): Promise<readonly PackageVersion[]> {
  const first = differenceOf(listed, await lists.client.tags())
  if (isNone(first)) return listed
  await lists.versions.api.sleep(settleMs)
  const read = await readAgain(listed, first, lists)
  const second = differenceOf(read, await lists.client.tags())
  if (isNone(second)) return read
  throw retentionError('prune-list-cut', {
    message: 'GitHub and its registry list different tags of the same package.',
    evidence: [
      ...shown(second.unlisted).map((tag) => `${tag}: a version has this tag, but the registry does not list it`),
      ...shown(second.unversioned).map((tag) => `${tag}: the registry lists this tag, but no version has it`),
    ],
  })
}

function differenceOf(versions: readonly PackageVersion[], listed: readonly string[]): Difference {
  const tags = new Set(versions.flatMap((version) => version.tags))
  const names = new Set(listed)
  return {
    unlisted: [...tags].filter((tag) => !names.has(tag)),
    unversioned: [...names].filter((tag) => !tags.has(tag)),
  }
}

function isNone({unlisted, unversioned}: Difference): boolean {
  return unlisted.length === 0 && unversioned.length === 0
}

function shown(tags: readonly string[]): readonly string[] {
  return tags.slice(0, maxShown)
}

/** Reads the versions again that have an unlisted tag, or to which an unversioned tag points, and the newest versions. */
async function readAgain(
  listed: readonly PackageVersion[],
  {unlisted, unversioned}: Difference,
  {versions, client}: TagLists,
): Promise<readonly PackageVersion[]> {
  versions.api.requireLeft(reservedRequests + unlisted.length + unversioned.length)
  const current = new Map(listed.map((version) => [version.id, version]))
  const missing = new Set(unlisted)
  const digests = new Set<string>()
  await forEachBounded(unversioned, maxConcurrent, async (tag) => {
    const head = await client.head(tag)
    if (head !== undefined) digests.add(head.digest)
  })
  const changed = listed.filter(({digest, tags}) => digests.has(digest) || tags.some((tag) => missing.has(tag)))
  await forEachBounded(changed, maxConcurrent, async ({id}) => {
    const version = await versions.version(id)
    if (version === undefined) current.delete(id)
    else current.set(id, version)
  })
  const newest = unversioned.length > 0 ? await versions.page(1) : undefined
  const known = new Set(listed.map(({id}) => id))
  return [...current.values(), ...(newest?.versions ?? []).filter(({id}) => !known.has(id))]
}
