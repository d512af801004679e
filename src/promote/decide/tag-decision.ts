import type {Digest} from '../../oci/digest.ts'
import type {DecisionReason} from '../../reasons/promote-reasons.ts'
import {formatRepository, type Repository, type TagRef} from '../../oci/reference.ts'
import type {ListedVersion} from '../../tags/versions/version-order.ts'
import type {PlannedTag} from '../../plan/plan.ts'
import type {RepositoryState, TagState} from './registry-state.ts'

/** A tag and its role. The rule of the tag, if any, is used in messages. */
export type TargetTag = Pick<PlannedTag, 'reference' | 'role'> & Partial<Pick<PlannedTag, 'source'>>

/** Facts of the image that this run publishes. A fact that the image does not state is undefined. */
export interface RunFacts {
  readonly revision: string | undefined
  /** Date of that commit, ISO 8601. */
  readonly commitDate: string | undefined
  /** `github.run_id` */
  readonly runId: string | undefined
  /** Exact release tags of the build, separated by commas. */
  readonly tags: string | undefined
  /** Build definition (`plan/build-definition.ts`). */
  readonly build: string | undefined
  /** Whether this run builds some of the platforms of the image, and others build the rest. */
  readonly isPart?: boolean
  /** Digest of the image, if it exists already: a promote knows it, a build does not. */
  readonly digest: Digest | undefined
}

/** Decision on one tag, with the reason. */
export interface TagDecision {
  readonly tag: TargetTag
  /** Current digest; undefined if the tag does not exist. */
  readonly before: Digest | undefined
  readonly action: 'put' | 'keep'
  readonly reason: DecisionReason
  /** `notice`: the user may have expected another decision. `warning`: the workflow should be changed. */
  readonly level: 'info' | 'notice' | 'warning'
  /** Highest version of the version line, if the tag points to a lower version and should point to this one. */
  readonly higher?: ListedVersion
}

export function stateOf(states: readonly RepositoryState[], repository: Repository): RepositoryState | undefined {
  const name = formatRepository(repository)
  return states.find((state) => formatRepository(state.repository) === name)
}

/** State of a tag; undefined if it does not exist. */
export function tagStateOf(states: readonly RepositoryState[], {repository, tag}: TagRef): TagState | undefined {
  return stateOf(states, repository)?.tagStates.get(tag)
}
