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
