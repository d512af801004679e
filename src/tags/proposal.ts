import type {TagRef} from '../oci/reference.ts'
import type {SkippedRuleReason, TagNote} from '../reasons/rule-reasons.ts'
import type {TagRole} from './tag-role.ts'
import type {RuleSource} from './rules/rule.ts'

/** A tag that a rule asks for, and why. */
export interface TagProposal {
  readonly tag: string
  readonly role: TagRole
  readonly source: RuleSource
  /** What a reader should know besides the rule: where the text was changed, or why `latest` is there. */
  readonly notes: readonly TagNote[]
}

/** A reference that the user wrote whole: its repository is not among `images`. */
export interface ReferenceProposal {
  readonly reference: TagRef
  readonly role: TagRole
  readonly source: RuleSource
}

/** A rule that gave nothing. */
export interface SkippedRule {
  readonly source: RuleSource
  readonly reason: SkippedRuleReason
  /** `warning`: probably not what the user meant. */
  readonly level: 'info' | 'warning'
}

export interface Proposals {
  /** The first tag, without the environment: what the image calls its version. Undefined when no rule gave a tag. */
  readonly version: string | undefined
  readonly tags: readonly TagProposal[]
  readonly references: readonly ReferenceProposal[]
  readonly skipped: readonly SkippedRule[]
}
