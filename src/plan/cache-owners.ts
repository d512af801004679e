import type {GitContext} from '../context/git-context.ts'
import type {CacheReason} from '../reasons/cache-reasons.ts'

/** Owner of a cache: every branch has its own, and all tags share one, since each tag is built once. */
export type CacheOwner = {readonly kind: 'branch'; readonly name: string} | {readonly kind: 'tags'}

/**
 * Reason why a run may read a cache but not write one; undefined if it may. Readers trust a cache, so runs of
 * unreviewed code, and runs without secrets, do not write one.
 */
export function readOnlyReason(context: GitContext): CacheReason | undefined {
  const {event, pull, byDependabot, upstream, instead} = context
  if (pull?.fromFork === true) return {code: 'cache-fork'}
  if (byDependabot || upstream?.byDependabot === true) return {code: 'cache-dependabot'}
  if (upstream?.fromFork === true || upstream?.event.startsWith('pull_request') === true)
    return {code: 'cache-after-pull-request'}
  if (event === 'merge_group') return {code: 'cache-merge-queue'}
  if (cacheWriter(context) !== undefined) return undefined
  return {code: instead === undefined ? 'cache-no-branch' : 'cache-branch-unknown'}
}

/** Owner of the cache that this run writes. */
export function cacheWriter({ref, pull, event}: GitContext): CacheOwner | undefined {
  if (ref.kind === 'pull') return pull === undefined || pull.fromFork ? undefined : branch(pull.headRef)
  if (ref.kind === 'tag') return {kind: 'tags'}
  return ref.kind === 'branch' && event !== 'merge_group' ? branch(ref.name) : undefined
}

/** Owners of the caches that this run reads, in order: its own, that of the base branch, that of the default branch. */
export function cacheReaders(context: GitContext): readonly CacheOwner[] {
  const {baseRef, pull, repository} = context
  const owners = [cacheWriter(context), branch(baseRef ?? pull?.baseRef), branch(repository.defaultBranch)].filter(
    (owner) => owner !== undefined,
  )
  return [...new Map(owners.map((owner) => [JSON.stringify(owner), owner])).values()]
}

function branch(name: string | undefined): CacheOwner | undefined {
  return name === undefined || name === '' ? undefined : {kind: 'branch', name}
}
