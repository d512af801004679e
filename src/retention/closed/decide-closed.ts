import {digestInTag} from '../../oci/referrers-tag.ts'
import type {RetentionReason} from '../../reasons/retention-reasons.ts'
import {factsOf, isOfOtherRepository} from '../classes/image-statement.ts'
import type {LiveRefs} from '../live-refs.ts'
import type {RepositoryContent} from '../repository-content.ts'
import type {RetentionDecision} from '../tag-decision.ts'
import {isClosedRef, type ClosedRef} from './closed-ref.ts'
import type {OwnTag} from './own-tags.ts'

/** Tags of a closed ref, and what its repository has. */
export interface ClosedTags {
  readonly closed: ClosedRef
  readonly own: readonly OwnTag[]
  /** Tags that its build cache may have in the repository. */
  readonly caches: readonly string[]
  readonly refs: LiveRefs
  /** Web address of the repository of the closed ref: `https://github.com/acme/app`. */
  readonly source: string
}

/**
 * Decides about the tags of a closed ref that exist, and about those of their signatures. An image that states another ref
 * or repository keeps its tag, and so does one that states no ref, if other refs could have the tag.
 */
export function decideClosed(
  content: Pick<RepositoryContent, 'tags' | 'manifests'>,
  {closed, own, caches, refs, source}: ClosedTags,
): readonly RetentionDecision[] {
  const ofRef = own.flatMap(({tag, isCertain}) =>
    decisionOf(tag, content, (digest) => {
      const facts = factsOf(content, digest)
      const {ref} = facts
      if (isOfOtherRepository(facts, source)) return {code: 'other-source', source: facts.source ?? ''}
      if (ref !== undefined) return isClosedRef(ref, closed) ? closedReason(closed) : {code: 'of-other-ref', ref}
      if (isCertain) return closedReason(closed)
      const areListed = refs.branches !== undefined && refs.openPulls !== undefined
      return {code: areListed ? 'ref-unstated' : 'refs-unknown'}
    }).map((decision) => ({...decision, class: closed.kind === 'pull' ? ('pr' as const) : ('branch' as const)})),
  )
  const branch = closed.kind === 'branch' ? closed.branch : closed.headRef
  const ofCaches = caches.flatMap((tag) => decisionOf(tag, content, () => ({code: 'branch-gone', branch})))
  const decided = [...ofRef, ...ofCaches.map((decision) => ({...decision, class: 'cache' as const}))]
  return [...decided, ...referrersOf(decided, content)]
}

/** Decisions about the tags for signatures and other referrers of these images: they follow them. */
function referrersOf(
  decided: readonly RetentionDecision[],
  {tags}: Pick<RepositoryContent, 'tags'>,
): readonly RetentionDecision[] {
  const subjects = new Map(decided.map(({tag, digest}) => [digest, tag]))
  return [...tags].flatMap(([tag, digest]): RetentionDecision[] => {
    const subject = digestInTag(tag)
    if (subject === undefined || !subjects.has(subject)) return []
    const image = subjects.get(subject)
    const reason = {code: 'follows-subject', ...(image !== undefined && {image})} as const
    return [{tag, digest, class: 'referrer', verdict: 'keep', reason}]
  })
}

function closedReason(closed: ClosedRef): RetentionReason {
  return closed.kind === 'pull'
    ? {code: 'pull-closed', number: closed.number}
    : {code: 'branch-gone', branch: closed.branch}
}

/** Decision about a tag, by its reason; none if the tag does not exist. */
function decisionOf(
  tag: string,
  {tags}: Pick<RepositoryContent, 'tags'>,
  reasonOf: (digest: string) => RetentionReason,
): readonly Omit<RetentionDecision, 'class'>[] {
  const digest = tags.get(tag)
  if (digest === undefined) return []
  const reason = reasonOf(digest)
  const isDeleted = reason.code === 'pull-closed' || reason.code === 'branch-gone'
  return [{tag, digest, verdict: isDeleted ? 'delete' : 'keep', reason}]
}

/**
 * Branch whose build cache nothing reads any more: the deleted one, or the source branch of a pull request if it does not
 * exist. Undefined if it may exist, and for a fork, whose branches have no cache here.
 */
export function branchWithoutUse(closed: ClosedRef, {branches, defaultBranch}: LiveRefs): string | undefined {
  const branch = closed.kind === 'branch' ? closed.branch : closed.fromFork ? undefined : closed.headRef
  const isKnown = closed.kind === 'branch' || branches !== undefined
  if (branch === undefined || !isKnown || branch === defaultBranch || branches?.has(branch) === true) return undefined
  return branch
}

/** Reports whether the closed ref exists again: a reopened pull request, or a branch that was created again. */
export function existsAgain(closed: ClosedRef, {branches, openPulls}: LiveRefs): boolean {
  return closed.kind === 'pull' ? openPulls?.has(closed.number) === true : branches?.has(closed.branch) === true
}
