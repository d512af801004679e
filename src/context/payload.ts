/**
 * Checked reading of the event payload, which is JSON of a shape that only GitHub knows for sure ("Webhook events and
 * payloads": https://docs.github.com/en/webhooks/webhook-events-and-payloads). What is not there, or of another type
 * than expected, is undefined; nothing throws.
 */

/** The payload file's text as a value. Without one, or with one that is no JSON, the environment alone speaks. */
export function parsePayload(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '{}')
  } catch {
    return {}
  }
}

/** What stands at a path of names: `fieldAt(payload, 'pull_request', 'head', 'sha')`. */
export function fieldAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((found, name) => (isRecord(found) && Object.hasOwn(found, name) ? found[name] : undefined), value)
}

/** Text at a path; an empty one counts as none. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = fieldAt(value, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

export function flagAt(value: unknown, ...path: readonly string[]): boolean | undefined {
  const found = fieldAt(value, ...path)
  return typeof found === 'boolean' ? found : undefined
}

/** A number as GitHub counts things with: positive and whole. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = fieldAt(value, ...path)
  return typeof found === 'number' && Number.isSafeInteger(found) && found > 0 ? found : undefined
}

/** A commit at a path: 40 or 64 hex digits; the zero id, which stands for "no commit", is none. */
export function commitAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = textAt(value, ...path)
  return found !== undefined && isCommit(found) ? found : undefined
}

export function isCommit(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text) && !isZeroCommit(text)
}

/** How GitHub writes "there is no such commit" before a creation and after a deletion. */
export function isZeroCommit(text: string): boolean {
  return /^(?:0{40}|0{64})$/.test(text)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
