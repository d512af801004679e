import {retentionError} from '../../errors/retention-error.ts'
import {forEachBounded} from '../../registry/limit.ts'
import type {PackageVersion} from './package-version.ts'
import type {PackageVersions, VersionPage} from './package-versions.ts'

/** Number of requests at the same time. */
const maxConcurrent = 4
const maxRounds = 3

/**
 * Requests that are left for other jobs: the limit of `GITHUB_TOKEN` is that of the repository, for all runs within an
 * hour.
 */
export const reservedRequests = 100

/**
 * Lists all versions of a package, each once. A list that changes while its pages are read may have gaps: after a
 * deletion, the first version of the next page moves to a page that was read before. So the first and the last page are
 * read again at the end, and all pages are if their versions are not the same. Undefined if GitHub does not show the
 * package.
 * @throws TagboatError, also if the versions change in each of three rounds.
 */
export async function listVersions(versions: PackageVersions): Promise<readonly PackageVersion[] | undefined> {
  for (let round = 1; round <= maxRounds; round += 1) {
    const first = await versions.page(1)
    if (first === undefined) return undefined
    const pages = await readAfter(first, versions)
    if (await isUnchanged(pages, versions)) return distinct([...pages.values()])
  }
  throw retentionError('prune-list-cut', {evidence: ['the versions of the package changed while they were read']})
}

/** Reads the pages after the first one. Returns all pages by number. */
async function readAfter(first: VersionPage, versions: PackageVersions): Promise<ReadonlyMap<number, VersionPage>> {
  const last = first.last ?? 1
  // Two pages are read twice.
  if (last > 1) versions.api.requireLeft(reservedRequests + last + 1)
  const pages = new Map([[1, first]])
  const read = async (number: number): Promise<void> => {
    pages.set(number, await required(number, versions))
  }
  // A deletion after the last page was read is seen in it at the end.
  if (last > 1) await read(last)
  await forEachBounded(between(1, last), maxConcurrent, read)
  // The number of the last page can be unknown, and it can grow.
  for (let end = last; pages.get(end)?.hasNext === true; end += 1) {
    versions.api.requireLeft(reservedRequests)
    await read(end + 1)
  }
  return pages
}

/** Reports whether the first and the last page have the versions that they had. A single page was read at once. */
async function isUnchanged(pages: ReadonlyMap<number, VersionPage>, versions: PackageVersions): Promise<boolean> {
  if (pages.size === 1) return true
  const checked = [1, Math.max(...pages.keys())]
  const again = await Promise.all(checked.map(async (number) => required(number, versions)))
  return checked.every((number, index) => idsOf(pages.get(number)) === idsOf(again[index]))
}

function idsOf(page: VersionPage | undefined): string {
  return (page?.versions ?? []).map(({id}) => id).join()
}

async function required(number: number, versions: PackageVersions): Promise<VersionPage> {
  const page = await versions.page(number)
  if (page !== undefined) return page
  throw retentionError('prune-list-cut', {evidence: ['the package disappeared while its versions were read']})
}

function between(first: number, last: number): readonly number[] {
  return Array.from({length: Math.max(0, last - first - 1)}, (_, index) => first + 1 + index)
}

function distinct(pages: readonly VersionPage[]): readonly PackageVersion[] {
  return [...new Map(pages.flatMap((page) => page.versions).map((version) => [version.id, version])).values()]
}
