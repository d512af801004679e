import type {TagPolicy} from '../../inputs/inputs.ts'
import type {Digest} from '../../oci/digest.ts'
import {formatRepository} from '../../oci/reference.ts'
import {parseTagNames} from '../../plan/build-definition.ts'
import type {PromoteReason} from '../../reasons/promote-reasons.ts'
import type {ListedVersion} from '../../tags/versions/version-order.ts'
import type {Entry, Journal} from '../journal.ts'
import {compareCommits} from './compare-commits.ts'
import {higherListed, orderOfRuns, type RunOrder} from './compare-versions.ts'
import type {RepositoryState, TagState} from './registry-state.ts'
import {stateOf, tagStateOf, type RunFacts} from './tag-decision.ts'

/** Decision on a tag that was read back. */
export type Convergence =
  /** The tag must point to another digest. */
  | {readonly action: 'put'; readonly digest: Digest}
  /** The tag points to something else on purpose. */
  | {readonly action: 'keep'; readonly reason: PromoteReason}
  /** The tag points to what it should. */
  | {readonly action: 'verified'; readonly digest: Digest}

/** Facts of this run that decide about its tags. */
export interface ConvergenceRun {
  readonly thisRun: RunFacts
  readonly policy: Pick<TagPolicy, 'floating' | 'onStale'>
  readonly journal: Journal
}

/** A tag that was read back, and everything that decides about it. */
export interface ReadBackTag {
  readonly entry: Readonly<Pick<Entry, 'before' | 'pushed' | 'removed' | 'movedToHighest' | 'overtakenBy'>>
  /** State of the tag; undefined if it does not exist. */
  readonly current: TagState | undefined
  /** Digest that this run decided for the tag. */
  readonly target: Digest
  /** A higher version of the version line (`listedAbove`). */
  readonly higher: HigherVersion | undefined
  /** Image of a newer commit that the tag should point to (`newerImage`). */
  readonly newer: Digest | undefined
  /** Order of this run and the one whose image the tag points to; undefined if the tag does not exist. */
  readonly order: RunOrder | undefined
}

/** A higher version than that of this run. */
export interface HigherVersion {
  readonly version: string
  /** Digest of its exact tag; undefined if that states another version. */
  readonly release: Digest | undefined
}

/** Decides whether a floating tag is correct, or another run has moved it meanwhile. */
export function decideConvergence(tag: ReadBackTag): Convergence {
  const {entry, current, target, higher, newer, order} = tag
  if (higher !== undefined) return decideBelow(higher, tag)
  if (current?.digest === target) {
    return newer === undefined || newer === target
      ? {action: 'verified', digest: target}
      : {action: 'put', digest: newer}
  }
  if (current === undefined) return {action: 'put', digest: target}
  if (entry.overtakenBy === current.digest) return {action: 'keep', reason: {code: 'moved-by-newer-commit'}}
  if (entry.before === current.digest || order?.order === 'newer') return {action: 'put', digest: target}
  return {action: 'keep', reason: {code: 'moved-by-other-run', because: order?.because}}
}

/**
 * Decides about the tag of a version that is not the highest any more. The run of the higher version moves the tag
 * itself. This run moves it only if it has pushed or removed the tag, since its own PUT may have come later.
 */
export function decideBelow(
  {version, release}: HigherVersion,
  {entry, current}: Pick<ReadBackTag, 'entry' | 'current'>,
): Convergence {
  const isFromThisRun = current === undefined ? entry.removed : entry.pushed.has(current.digest)
  if (isFromThisRun && release !== undefined && release !== current?.digest) return {action: 'put', digest: release}
  if (entry.movedToHighest && current !== undefined && current.digest === release)
    return {action: 'verified', digest: current.digest}
  return {action: 'keep', reason: {code: 'published-meanwhile', version}}
}

/**
 * Highest listed version above that of this run, if the tag must give way to it. It does not apply to a name that only
 * promises not to go back: there, the listed version may be the one that this run replaced, and what the images state
 * decides. With `on-stale: overwrite`, it applies only if another run has moved the tag away from the target.
 */
export function listedAbove(
  {tag}: Pick<Entry, 'tag'>,
  states: readonly RepositoryState[],
  {policy, target}: Pick<ConvergenceRun, 'policy'> & {readonly target: Digest | undefined},
): ListedVersion | undefined {
  if (tag.role.kind !== 'version-line' || policy.floating !== 'auto') return undefined
  if (policy.onStale === 'overwrite' && tagStateOf(states, tag.reference)?.digest === target) return undefined
  if (tag.role.promise === 'not-lower') return undefined
  const tags = stateOf(states, tag.reference.repository)?.tags
  return higherListed(tag.role, {current: tagStateOf(states, tag.reference), tags})
}

/**
 * Image of a newer commit for a tag of commits that points to the image of this run: the tag pointed to it before, or
 * the image states this tag among its floating tags, and a sibling tag was moved to it during this run. Then it is
 * unknown whether the PUT of this run took effect before or after that of the newer run.
 */
export function newerImage(entry: Entry, states: readonly RepositoryState[], run: ConvergenceRun): Digest | undefined {
  const isNewest = ({tag}: Entry): boolean => tag.role.kind === 'newest-commit'
  if (!isNewest(entry) || entry.pushed.size === 0 || run.policy.floating !== 'auto') return undefined
  if (entry.newerCommit !== undefined) return entry.newerCommit
  const {repository, tag} = entry.tag.reference
  const name = formatRepository(repository)
  return run.journal
    .filter((sibling) => isNewest(sibling) && formatRepository(sibling.tag.reference.repository) === name)
    .flatMap((sibling) => {
      const current = tagStateOf(states, sibling.tag.reference)
      if (current === undefined || current.digest === sibling.before || sibling.pushed.has(current.digest)) return []
      if (orderAgainst(current, sibling, {states, run}).order !== 'older') return []
      // A run of another branch may share one tag with this run, and not the others.
      return parseTagNames(current.floating ?? '').includes(tag) ? [current.digest] : []
    })
    .at(0)
}

const lastWins: RunOrder = {order: 'unclear', because: {code: 'floating-always'}}

/** Order of this run and another one that has moved the tag to its own image meanwhile. */
export function orderAgainst(
  current: TagState,
  {tag: {role, reference}}: Pick<Entry, 'tag'>,
  {states, run}: {readonly states: readonly RepositoryState[]; readonly run: ConvergenceRun},
): RunOrder {
  const {thisRun, policy} = run
  if (policy.floating === 'always') return lastWins
  if (role.kind !== 'version-line') return compareCommits(current, thisRun)
  const isListed = role.affixes.length > 0 && stateOf(states, reference.repository)?.tags !== undefined
  return orderOfRuns(role, {current, thisRun, isListed})
}
