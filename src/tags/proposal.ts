import type {TagRef} from '../oci/reference.ts'
import type {SkippedRuleReason, TagNote} from '../reasons/rule-reasons.ts'
import type {TagRole, Version} from './tag-role.ts'
import type {RuleSource} from './rules/rule.ts'

/** A tag of a rule. */
export interface TagProposal {
  readonly tag: string
  readonly role: TagRole
  readonly source: RuleSource
  /** Notes besides the rule: how the text was changed, or why `latest` exists. */
  readonly notes: readonly TagNote[]
}

/** A whole image reference of `tags`: its repository is not one of `images`. */
export interface ReferenceProposal {
  readonly reference: TagRef
  readonly role: TagRole
  readonly source: RuleSource
}

/** A rule without a tag. */
export interface SkippedRule {
  readonly source: RuleSource
  readonly reason: SkippedRuleReason
  /** `warning`: probably not intended. */
  readonly level: 'info' | 'warning'
}

/** Tags that the rules propose for a run. */
export interface Proposals {
  /** First tag, without the environment: the version of the image. Undefined: no rule gives a tag. */
  readonly version: string | undefined
  /** Version that the rules of the run follow; undefined if there is none. */
  readonly ofRun: Version | undefined
  readonly tags: readonly TagProposal[]
  readonly references: readonly ReferenceProposal[]
  readonly skipped: readonly SkippedRule[]
}
