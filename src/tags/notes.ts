import type {TagProposal} from './proposal.ts'
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
  readonly remarks: readonly string[]
}

/** What a reader should know of a tag besides its rule. */
export function noteOf({text, tag, shared, hashed, from, remarks}: NoteFacts): string | undefined {
  return joinNotes([
    ...remarks,
    ...(from === undefined ? [] : [`version from ${from}`]),
    ...(hashed ? [`made from ${JSON.stringify(text)}; a hash of it keeps the tag apart from others`] : []),
    ...(shared ? [`made from ${JSON.stringify(text)}; another name that comes to ${tag} would share this tag`] : []),
  ])
}

/** Undefined when there is nothing to say. */
export function joinNotes(notes: readonly (string | undefined)[]): string | undefined {
  const said = notes.filter((note) => note !== undefined)
  return said.length === 0 ? undefined : said.join('; ')
}

/** Of the tag whose rule would have given `latest`, had not another one come first. */
export function notLatestNote(first: RuleSource): string {
  return `not latest: ${ruleText(first)} comes first and gives none (flavor latest=auto)`
}

/** Of a run whose `latest` an affix without its value would spoil. */
export function noLatestNote(latest: Rendered): string {
  return `no latest: ${emptyReason(latest)}`
}

/** Whether a text is no tag because of expressions that came out empty. */
export function isSpoiled({text, filled}: Rendered): boolean {
  return text === '' || hasDanglingSeparator(text, filled)
}

/** Why a rule whose expressions came out empty gives no tag. */
export function emptyReason({text, emptyNames}: Rendered): string {
  const names = [...new Set(emptyNames)].map((name) => `{{${name}}}`)
  const subject = names.length === 0 ? 'its value' : names.join(' and ')
  const result = text === '' ? '' : `, and so the tag would be ${JSON.stringify(text)}`
  return `${subject} ${names.length > 1 ? 'are' : 'is'} empty for this event${result}`
}

/**
 * Of floating tags that are to hold one build of a version (`1.2.3+fork.1`): builds have no order, and so the tags do not say which
 * one they hold. Undefined where none is.
 */
export function buildsNote(tags: readonly TagProposal[]): string | undefined {
  const floating = tags.flatMap(({tag, line}) =>
    line.kind === 'version' && line.scheme === 'semver' && line.version.includes('+') ? [{tag, line}] : [],
  )
  const [first] = floating
  if (first === undefined) return undefined
  const {version} = first.line
  const names = floating.map(({tag}) => tag).join(', ')
  return `${version} is one build of ${version.replace(/\+.*/, '')}, and is to be in ${names} too: of several builds of one version, that of the newest commit is there`
}
