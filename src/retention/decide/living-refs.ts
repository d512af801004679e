import type {RetentionReason} from '../../reasons/retention-reasons.ts'
import {isOfOtherRepository} from '../classes/image-statement.ts'
import type {LiveRefs} from '../live-refs.ts'
import type {Candidate} from './candidate.ts'

/** Branches and pull requests of a repository. */
export interface RefSources {
  readonly refs: LiveRefs
  /** Web address of the repository of `refs`: `https://github.com/acme/app`. */
  readonly source: string | undefined
}

/** Reason to keep what belongs to an existing branch or pull request, or may do so; undefined if it certainly does not. */
export function livingReason(
  {class: name, owner, facts}: Candidate,
  {refs: {branches, openPulls}, source}: RefSources,
): RetentionReason | undefined {
  if (isOfOtherRepository(facts, source)) return {code: 'other-source', source: facts.source ?? ''}
  if (owner?.kind === 'tags') return {code: 'cache-in-use', branch: undefined}
  if (owner?.kind === 'pull') {
    // A branch may have the name of the tag. An image that states its ref is certain.
    if (openPulls === undefined || (branches === undefined && facts.ref === undefined)) return {code: 'refs-unknown'}
    return openPulls.has(owner.number) ? {code: 'pull-open', number: owner.number} : undefined
  }
  if (branches === undefined) return {code: 'refs-unknown'}
  if (owner === undefined || !branches.has(owner.branch)) return undefined
  return {code: name === 'cache' ? 'cache-in-use' : 'branch-exists', branch: owner.branch}
}
