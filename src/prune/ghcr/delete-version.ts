import type {Deletion} from '../image-store.ts'
import {evidenceOf, type GitHubResponse} from './github-api.ts'
import {hasTags, type PackageVersion} from './package-version.ts'
import type {PackageVersions} from './package-versions.ts'
import {isLater} from '../times.ts'

/** Version to delete, with the digest and the tags that it should have. */
export interface DoomedVersion {
  readonly id: string
  readonly digest: string
  readonly tags: readonly string[]
  /** Time of its last change when it was listed. */
  readonly changedAt?: Date | undefined
}

/** Number of requests of an ordinary deletion. */
export const requestsPerDeletion = 2

/**
 * Deletes a version if it still has these tags and no others. That is read right before each attempt: while a limit is
 * waited for, another run may point a tag to the version.
 */
export async function deleteVersion(versions: PackageVersions, doomed: DoomedVersion): Promise<Deletion> {
  const seen: {change?: Deletion | undefined} = {}
  const response = await versions.delete(doomed.id, async () => {
    seen.change = changeOf(await versions.version(doomed.id), doomed)
    return seen.change === undefined
  })
  if (response === undefined) return seen.change ?? {kind: 'changed'}
  return response.status === 404 ? explain404(versions, doomed.id, response) : deletionOf(response)
}

/** Result for a version that is not as it was listed; undefined if it is. */
function changeOf(version: PackageVersion | undefined, {digest, tags, changedAt}: DoomedVersion): Deletion | undefined {
  if (version === undefined) return {kind: 'gone'}
  const isSame = version.digest === digest && hasTags(version, tags) && !isLater(version.changedAt, changedAt)
  return isSame ? undefined : {kind: 'changed'}
}

/**
 * Result of a deletion with the response 404. GitHub answers so if the version is gone, also after an earlier attempt
 * whose response was lost, and if the token may not delete it: then the version still exists.
 */
async function explain404(versions: PackageVersions, id: string, response: GitHubResponse): Promise<Deletion> {
  if ((await versions.version(id)) === undefined) return {kind: 'gone'}
  // GitHub may still show a version that it has just deleted.
  await versions.api.sleep(settleMs)
  return (await versions.version(id)) === undefined ? {kind: 'gone'} : {kind: 'denied', answer: evidenceOf(response)}
}

const settleMs = 2_000

/** Rules of GitHub that keep a version, by the message of the response. They are not documented as data. */
const rules = [
  {reason: 'last-version', message: /\blast (?:tagged )?version\b/i},
  {reason: 'downloads', message: /\bdownloads\b/i},
] as const

/** Result of a deletion by its response. */
function deletionOf(response: GitHubResponse): Deletion {
  const {status, message} = response
  const answer = evidenceOf(response)
  if (status === 204) return {kind: 'deleted'}
  if (status === 401 || status === 403) return {kind: 'denied', answer}
  const rule = status === 400 ? rules.find((one) => one.message.test(message)) : undefined
  if (rule !== undefined) return {kind: 'kept', reason: rule.reason, answer}
  return {kind: 'failed', answer}
}
