/** Reports whether a condition holds for all events but pull requests, whatever its spelling. */
export function isNotPullRequest(condition: string): boolean {
  const text = condition.replaceAll(/\s+/g, '').replaceAll(/github\['event_name'\]/g, 'github.event_name')
  return notPullRequest.includes(unwrapped(text))
}

const notPullRequest: readonly string[] = [
  "github.event_name!='pull_request'",
  "'pull_request'!=github.event_name",
  "!(github.event_name=='pull_request')",
  "github.event_name=='pull_request'==false",
  "!startsWith(github.event_name,'pull_request')",
  "!startsWith(github.ref,'refs/pull/')",
  "github.event_name!='pull_request'&&true",
]

/** Text without brackets around the whole of it. */
function unwrapped(text: string): string {
  const inner = /^\((?<inner>[^()]*)\)$/.exec(text)?.groups?.['inner']
  return inner ?? text
}

/** Reports whether a condition asks for the result of steps or jobs: an input cannot. */
export function asksForStatus(condition: string): boolean {
  return /\b(?:success|failure|always|cancelled)\s*\(/.test(condition)
}

/** Reports whether a step with this condition may run after a step that failed. */
export function mayRunAfterFailure(condition: string): boolean {
  return /\b(?:failure|always|cancelled)\s*\(|!\s*success\s*\(/i.test(condition)
}

/** Parts of a condition that all have to hold; the condition itself if it has other operators. */
export function conjuncts(condition: string): readonly string[] {
  return /\|\||[()]/.test(condition) ? [condition] : condition.split('&&').map((one) => one.trim())
}

/** Reports whether a condition holds whenever another one does, because all of its parts are parts of the other one. */
export function isPartOf(condition: string, other: string): boolean {
  const all = [other, ...conjuncts(other)]
  return all.includes(condition) || conjuncts(condition).every((one) => all.includes(one))
}

/** Reports whether a condition holds if a text is not empty: `env.NAME != ''`. */
export function asksForText(condition: string, texts: readonly string[]): boolean {
  const tested = /^(?<name>[\w.]+)(?:\s*!=\s*(?:''|null))?$/.exec(condition)?.groups?.['name']
  return tested !== undefined && texts.some((text) => text.replaceAll(/\s/g, '') === `\${{${tested}}}`)
}

/** Reports whether two lists of conditions never hold for the same event. */
export function areExclusive(first: readonly string[], second: readonly string[]): boolean {
  return first.some((one) => second.some((other) => excludes(atomOf(one), atomOf(other))))
}

interface Atom {
  /** Context that is compared; `startsWith` is for the beginning of `github.ref`. */
  readonly subject: string
  readonly value: string
  readonly isNegated: boolean
}

const prefix = 'startsWith'
const tags = 'refs/tags/'

function atomOf(condition: string): Atom {
  const text = unwrapped(condition.replaceAll(/\s+/g, ''))
  const compared = /^(?<subject>[\w.]+)(?<operator>[!=]=)(?<value>'[^']*'|true|false)$/.exec(text)?.groups
  if (compared === undefined) return truthAtom(text)
  const {subject = '', operator} = compared
  const value = (compared['value'] ?? '').toLowerCase().replaceAll("'", '')
  const isNegated = operator === '!='
  // A pull request has the type `branch`: what is not a tag.
  if (subject === 'github.ref_type' && value === 'tag') return {subject: prefix, value: tags, isNegated}
  if (subject === 'github.ref_type' && value === 'branch') return {subject: prefix, value: tags, isNegated: !isNegated}
  return {subject, value, isNegated}
}

/** Atom of a condition without a comparison, such as `!inputs.a`. */
function truthAtom(text: string): Atom {
  const inner = unwrapped(text.slice(1))
  const isNegated = text.startsWith('!') && (inner !== text.slice(1) || !/&&|\|\|/.test(inner))
  const bare = isNegated ? inner : text
  const start = /^startsWith\(github\.ref,'(?<start>[^']*)'\)$/i.exec(bare)?.groups?.['start']
  return start === undefined
    ? {subject: bare, value: 'true', isNegated}
    : {subject: prefix, value: start.toLowerCase(), isNegated}
}

function excludes(one: Atom, other: Atom): boolean {
  if (isOfRef(one) && isOfRef(other)) return excludesRef(one, other)
  if (one.subject !== other.subject || one.subject === '') return false
  if (one.isNegated !== other.isNegated) return one.value === other.value
  return !one.isNegated && one.value !== other.value
}

function isOfRef({subject}: Atom): boolean {
  return subject === prefix || subject === 'github.ref'
}

/** Compares two conditions for `github.ref`. Two branches do not exclude each other: they may have the same commit. */
function excludesRef(one: Atom, other: Atom): boolean {
  if (one.isNegated && other.isNegated) return false
  if (one.isNegated) return covers(one, other)
  if (other.isNegated) return covers(other, one)
  const areBranches = [one, other].every(({value}) => value.startsWith('refs/heads/'))
  return !areBranches && !covers(one, other) && !covers(other, one)
}

/** Reports whether all refs of another atom are refs of this one, negations aside. */
function covers(one: Atom, other: Atom): boolean {
  return one.subject === prefix
    ? other.value.startsWith(one.value)
    : other.subject === one.subject && other.value === one.value
}
