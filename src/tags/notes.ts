import type {TagProposal} from './proposal.ts'
import {formatPlanReason} from '../reasons/plan-reasons.ts'
import type {EmptyExpressions, TagNote} from '../reasons/rule-reasons.ts'
import {ruleText, type RuleSource} from './rules/rule.ts'
import {hasDanglingSeparator} from './sanitize.ts'
import type {Rendered} from './templates/template.ts'

export interface NoteFacts {
  readonly text: string
  readonly tag: string
  /** Another text could give the same tag. */
  readonly shared: boolean
  /** The tag ends in a hash of the text. */
  readonly hashed: boolean
  /** Where the version came from, when the rule does not say it. */
  readonly from: string | undefined
  /** What the rule has to say besides. */
  readonly remarks: readonly TagNote[]
}

/** What a reader should know of a tag besides its rule. */
export function notesOf({text, tag, shared, hashed, from, remarks}: NoteFacts): readonly TagNote[] {
  return [
    ...remarks,
    ...(from === undefined ? [] : [{code: 'version-from', from} as const]),
    ...(hashed ? [{code: 'hashed-tag', text} as const] : []),
    ...(shared ? [{code: 'shared-tag', text, tag} as const] : []),
  ]
}

/** Notes as one text; undefined where there are none. */
export function formatNotes(notes: readonly TagNote[]): string | undefined {
  return notes.length === 0 ? undefined : notes.map(formatPlanReason).join('; ')
}

/** Of the tag whose rule would have given `latest`, had not another one come first. */
export function notLatestNote(first: RuleSource): TagNote {
  return {code: 'not-latest', rule: ruleText(first)}
}

/** Whether a text is no tag because of expressions that came out empty. */
export function hasEmptyAffix({text, filled}: Rendered): boolean {
  return text === '' || hasDanglingSeparator(text, filled)
}

/** Expressions that are empty for this event, and the tag without them. */
export function emptyExpressions({text, emptyNames}: Rendered): EmptyExpressions {
  return {names: [...new Set(emptyNames)], text}
}

/**
 * Of floating tags that are to hold one build of a version (`1.2.3+fork.1`): builds have no order, and so the tags do not say which
 * one they hold. Undefined where none is.
 */
export function buildsNote(tags: readonly TagProposal[]): string | undefined {
  const floating = tags.flatMap(({tag, role}) =>
    role.kind === 'version-line' && role.scheme === 'semver' && role.version.includes('+') ? [{tag, role}] : [],
  )
  const [first] = floating
  if (first === undefined) return undefined
  const {version} = first.role
  const names = floating.map(({tag}) => tag).join(', ')
  return `${version} is one build of ${version.replace(/\+.*/, '')}, and is to be in ${names} too: of several builds of one version, that of the newest commit is there`
}
