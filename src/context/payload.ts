import {TagboatError} from '../errors/error.ts'

/**
 * Checked reading of the event payload, which is JSON of a shape that only GitHub knows for sure ("Webhook events and
 * payloads": https://docs.github.com/en/webhooks/webhook-events-and-payloads). What is not there, or of another type
 * than expected, is undefined; only the file itself can be an error.
 */

/** What reads a file: its text, or undefined when there is none. `Files` of the edges has this shape. */
export interface TextFiles {
  read(file: string): Promise<string | undefined>
}

export interface EventFile {
  readonly payload: unknown
  /** For the log: why the payload says nothing, where one was promised. */
  readonly warning?: string
}

/**
 * The payload in the file that `GITHUB_EVENT_PATH` names. Without that variable nobody promised a payload. A file that is
 * missing costs only what the payload alone knows, since ref, commit and event stand in variables: that is a warning. A
 * file that is there and makes no sense was damaged or replaced, and a guess could publish what the event withdraws: that
 * is an error.
 * @throws TagboatError `event-unreadable`. It quotes nothing of the file, which may hold what users typed.
 */
export async function readEventFile(path: string | undefined, files: TextFiles): Promise<EventFile> {
  if (path === undefined || path === '') return {payload: {}}
  const text = await textOf(path, files)
  return text === undefined ? {payload: {}, warning: missingFile(path)} : {payload: parsePayload(text, path)}
}

async function textOf(path: string, files: TextFiles): Promise<string | undefined> {
  try {
    return await files.read(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TagboatError('event-unreadable', {evidence: [`GITHUB_EVENT_PATH: ${reason}`], cause: error})
  }
}

function missingFile(path: string): string {
  return [
    `There is no event file at ${path}, which GITHUB_EVENT_PATH names: this run knows the event by its variables alone,`,
    'without the default branch, the pull request or the release.',
    'In a container, mount the directory of that file; outside of a workflow, leave GITHUB_EVENT_PATH empty.',
  ].join(' ')
}

/** @throws TagboatError `event-unreadable` when the text is no JSON object. */
function parsePayload(text: string, path: string): unknown {
  const size = `${path} (GITHUB_EVENT_PATH): ${text.length} characters`
  let payload: unknown
  try {
    // What an editor of Windows puts in front of a text is no part of it.
    payload = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    throw new TagboatError('event-unreadable', {evidence: [`${size} that are no JSON`]})
  }
  if (isRecord(payload)) return payload
  throw new TagboatError('event-unreadable', {evidence: [`${size} of JSON that are no object`]})
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
