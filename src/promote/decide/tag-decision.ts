import type {Digest} from '../../oci/digest.ts'
import type {DecisionReason} from '../../reasons/promote-reasons.ts'
import {formatRepository, type Repository, type TagRef} from '../../oci/reference.ts'
import type {ListedVersion} from '../../tags/versions/version-order.ts'
import type {PlannedTag} from '../../plan/plan.ts'
import type {TagState, RepositoryState} from './registry-state.ts'

/** A tag and what it promises; the rule, where one gave it, is for messages. */
export type TargetTag = Pick<PlannedTag, 'reference' | 'role'> & Partial<Pick<PlannedTag, 'source'>>

/** What a run knows of what it publishes. */
export interface RunFacts {
  /** The commit; undefined where the image does not say it. */
  readonly revision: string | undefined
  /** Date of that commit, ISO 8601. */
  readonly commitDate: string | undefined
  /** `github.run_id` */
  readonly runId: string | undefined
  /** The exact release tags that it is made for; undefined where the image does not say it. */
  readonly tags: string | undefined
  /** What it is made from (`plan/build-definition.ts`); undefined where the image does not say it. */
  readonly build: string | undefined
  /** What is to be tagged, where that is known already: a promote knows it, a build does not. */
  readonly digest: Digest | undefined
}

/** What happens to one tag, and why. */
export interface TagDecision {
  readonly tag: TargetTag
  /** What it holds now; undefined: it does not exist. */
  readonly before: Digest | undefined
  readonly action: 'put' | 'keep'
  readonly reason: DecisionReason
  /** `notice`: somebody may have expected otherwise. `warning`: something should be changed. */
  readonly level: 'info' | 'notice' | 'warning'
  /** The highest version of the tag's line, where the tag holds a lower one than that: it belongs there. */
  readonly higher?: ListedVersion
}

export function stateOf(states: readonly RepositoryState[], repository: Repository): RepositoryState | undefined {
  const name = formatRepository(repository)
  return states.find((state) => formatRepository(state.repository) === name)
}

export function tagStateOf(states: readonly RepositoryState[], {repository, tag}: TagRef): TagState | undefined {
  return stateOf(states, repository)?.tagStates.get(tag)
}
