/** Reports whether a condition holds for all events but pull requests, whatever its spelling. */
export function isNotPullRequest(condition: string): boolean {
  const text = condition
    .replaceAll(/\s+/g, '')
    .replaceAll(/github\['event_name'\]/g, 'github.event_name')
    .replaceAll('github.event.name', 'github.event_name')
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

/** Parts of a condition that all have to hold; the condition itself if it has other operators. */
export function conjuncts(condition: string): readonly string[] {
  return /\|\||[()]/.test(condition) ? [condition] : condition.split('&&').map((one) => one.trim())
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
  readonly subject: string
  readonly value: string
  readonly isNegated: boolean
}

function atomOf(condition: string): Atom {
  const text = unwrapped(condition.replaceAll(/\s+/g, ''))
  const compared = /^(?<subject>[\w.]+)(?<operator>[!=]=)(?<value>'[^']*'|true|false)$/.exec(text)?.groups
  const negated = text.startsWith('!')
  const bare = negated ? unwrapped(text.slice(1)) : text
  const ref = /^startsWith\(github\.ref,'refs\/(?<kind>tags|heads)\/?[^']*'\)$/.exec(bare)?.groups
  if (ref !== undefined)
    return {subject: 'github.ref_type', value: ref['kind'] === 'tags' ? "'tag'" : "'branch'", isNegated: negated}
  if (compared === undefined) return {subject: bare, value: 'true', isNegated: negated}
  const {subject = '', operator, value = ''} = compared
  const isBranch = subject === 'github.ref' && value.startsWith("'refs/heads/") && operator === '=='
  return isBranch
    ? {subject: 'github.ref_type', value: "'branch'", isNegated: false}
    : {subject, value, isNegated: operator === '!='}
}

function excludes(one: Atom, other: Atom): boolean {
  if (one.subject !== other.subject || one.subject === '') return false
  if (one.isNegated !== other.isNegated) return one.value === other.value
  return !one.isNegated && one.value !== other.value
}
