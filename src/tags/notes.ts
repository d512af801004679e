import type {TagProposal} from './proposal.ts'
import {formatPlanReason} from '../reasons/plan-reasons.ts'
import type {EmptyExpressions, TagNote} from '../reasons/rule-reasons.ts'
import {ruleText, type RuleSource} from './rules/rule.ts'
import {hasDanglingSeparator} from './sanitize.ts'
import type {Rendered} from './templates/template.ts'

/** Facts about a tag for its notes. */
interface NoteFacts {
  readonly text: string
  readonly tag: string
  /** Other texts could become the same tag. */
  readonly shared: boolean
  /** The tag ends in a hash of the text. */
  readonly hashed: boolean
  /** Origin of the version, if the rule does not show it. */
  readonly from: string | undefined
  /** Notes of the rule. */
  readonly remarks: readonly TagNote[]
}

/** Notes about a tag besides its rule. */
export function notesOf({text, tag, shared, hashed, from, remarks}: NoteFacts): readonly TagNote[] {
  return [
    ...remarks,
    ...(from === undefined ? [] : [{code: 'version-from', from} as const]),
    ...(hashed ? [{code: 'hashed-tag', text} as const] : []),
    ...(shared ? [{code: 'shared-tag', text, tag} as const] : []),
  ]
}

/** Formats notes as one text; undefined if there are none. */
export function formatNotes(notes: readonly TagNote[]): string | undefined {
  return notes.length === 0 ? undefined : notes.map(formatPlanReason).join('; ')
}

/** Note for a tag whose rule asks for `latest`: the rule of the first tag decides, and does not. */
export function notLatestNote(first: RuleSource): TagNote {
  return {code: 'not-latest', rule: ruleText(first)}
}

/** Reports whether empty expressions leave no text, or a separator at its start or end. */
export function hasEmptyAffix({text, filled}: Rendered): boolean {
  return text === '' || hasDanglingSeparator(text, filled)
}

/** Expressions that are empty for this event, and the tag without them. */
export function emptyExpressions({text, emptyNames}: Rendered): EmptyExpressions {
  return {names: [...new Set(emptyNames)], text}
}

/**
 * Notice for floating tags that will point to a build of a version (`1.2.3+fork.1`): builds have no order, so the tags do
 * not show which build they point to. Undefined if there are none.
 */
export function buildsNote(tags: readonly TagProposal[]): string | undefined {
  const floating = tags.flatMap(({tag, role}) =>
    role.kind === 'version-line' && role.scheme === 'semver' && role.version.includes('+') ? [{tag, role}] : [],
  )
  const [first] = floating
  if (first === undefined) return undefined
  const {version} = first.role
  const names = floating.map(({tag}) => tag).join(', ')
  return `${names} will point to ${version}, one of the builds of ${version.replace(/\+.*/, '')}: floating tags point to the build of the newest commit`
}
