import type {BuildArgument} from '../inputs/inputs.ts'
import type {RunVersion} from '../context/version-files/version-result.ts'
import type {Annotation, Label} from '../tags/labels.ts'
import type {TagRole} from '../tags/tag-role.ts'
import type {SkippedRule} from '../tags/proposal.ts'
import type {RuleSource} from '../tags/rules/rule.ts'
import {factKeys} from '../oci/image-facts.ts'
import {formatRepository, type Repository, type TagRef} from '../oci/reference.ts'
import type {SkipReason} from '../reasons/push-reasons.ts'
import type {TagNote} from '../reasons/rule-reasons.ts'
import type {PushDecision} from './push-decision.ts'

export interface PlannedTag {
  readonly reference: TagRef
  readonly role: TagRole
  readonly source: RuleSource
  readonly notes: readonly TagNote[]
}

/** Plan of a run: all decisions that build, push and report depend on, with their reasons. */
export interface Plan {
  readonly version: string | undefined
  /** Version for rules that need one, and its source. */
  readonly versionSource: RunVersion | undefined
  readonly repositories: readonly Repository[]
  /** Repositories of `images` with `required=false`. Absent if there are none. */
  readonly bestEffort?: readonly Repository[]
  readonly tags: readonly PlannedTag[]
  /** Tags without a repository, in order. */
  readonly tagNames: readonly string[]
  readonly skippedRules: readonly SkippedRule[]
  readonly labels: readonly Label[]
  readonly annotations: readonly Annotation[]
  /** Annotations if the image has an index. For a single platform, that depends on the builder and its attestations. */
  readonly annotationsWithIndex: readonly Annotation[]
  /** Build arguments with rendered expressions. */
  readonly buildArgs: readonly BuildArgument[]
  readonly push: PushDecision
  /** Reason why the run has nothing to publish; usually undefined. */
  readonly skip: SkipReason | undefined
}

/** Returns the commit that annotations or labels state, which the user may have changed or removed. */
export function statedRevision({labels, annotations}: Pick<Plan, 'labels' | 'annotations'>): string | undefined {
  const stated = [...annotations, ...labels].find(({key}) => key === factKeys.revision)?.value ?? ''
  return stated === '' ? undefined : stated
}

/** Repositories that a run pushes to, without duplicates; none for a run that does not push. */
export function repositoriesOf({push, tags}: Pick<Plan, 'push' | 'tags'>): readonly Repository[] {
  const all = push.do ? tags.map(({reference}) => reference.repository) : []
  return [...new Map(all.map((repository) => [formatRepository(repository), repository])).values()]
}
