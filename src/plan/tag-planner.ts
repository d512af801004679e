import type {TagRole} from '../tags/tag-role.ts'
import type {TagRule} from '../tags/rules/rule.ts'

/** Event for which the tags of the rules are computed, as if it had started a run. */
export type PlannedEvent =
  | {readonly kind: 'branch'; readonly branch: string; readonly sha?: string}
  | {readonly kind: 'pull'; readonly number: number; readonly headRef?: string; readonly sha?: string}
  /** Push of a Git tag. */
  | {readonly kind: 'tag'; readonly tag: string; readonly sha?: string}
  | {readonly kind: 'schedule'}
  | {readonly kind: 'merge-group'; readonly branch: string}

/** Tag of a planned event. */
export interface PlannedName {
  readonly tag: string
  readonly role: TagRole
  /** Kind of the rule that gives it. `latest` of `flavor` has the kind of its rule. */
  readonly rule: TagRule['kind']
}

/** Computes the tags that the rules of this step give for an event, with variant, environment and component. */
export type TagPlanner = (event: PlannedEvent) => readonly PlannedName[]
