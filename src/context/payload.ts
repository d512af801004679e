import {errorMessage, TagboatError} from '../errors/error.ts'
import type {Files} from '../io/files.ts'

/*
 * Readers of the event payload, which is JSON without a schema ("Webhook events and payloads":
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads). Fields that are missing or of another type are
 * undefined. Only the file itself can be an error.
 */

/** Event payload of a run. */
interface EventFile {
  readonly payload: unknown
  /** Warning for the log, if the file of GITHUB_EVENT_PATH does not exist. */
  readonly warning?: string
}

/**
 * Reads the event payload from the file of `GITHUB_EVENT_PATH`. If the variable is empty, the payload is empty. A
 * missing file is a warning: variables have ref, commit and event, so that only details are lost. A file that cannot be
 * parsed is an error: it was damaged or replaced, and without it the run could publish a withdrawn release.
 * @throws TagboatError `event-unreadable`. It does not quote the file, which may contain text of users.
 */
export async function readEventFile(path: string | undefined, files: Pick<Files, 'read'>): Promise<EventFile> {
  if (path === undefined || path === '') return {payload: {}}
  const text = await readText(path, files)
  return text === undefined ? {payload: {}, warning: missingFile(path)} : {payload: parsePayload(text, path)}
}

async function readText(path: string, files: Pick<Files, 'read'>): Promise<string | undefined> {
  try {
    return await files.read(path)
  } catch (error) {
    const reason = errorMessage(error)
    throw new TagboatError('event-unreadable', {evidence: [`GITHUB_EVENT_PATH: ${reason}`], cause: error})
  }
}

function missingFile(path: string): string {
  return [
    `The event file ${path} of GITHUB_EVENT_PATH does not exist: this run uses the variables of the runner only,`,
    'without the default branch, the pull request or the release.',
    'In a container, mount the directory of that file. Outside of a workflow, leave GITHUB_EVENT_PATH empty.',
  ].join(' ')
}

/** @throws TagboatError `event-unreadable` if the text is not a JSON object. */
function parsePayload(text: string, path: string): unknown {
  const size = `${path} (GITHUB_EVENT_PATH): ${text.length} characters`
  let payload: unknown
  try {
    // Editors on Windows write a byte order mark.
    payload = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    throw new TagboatError('event-unreadable', {evidence: [`${size} that are not JSON`]})
  }
  if (isRecord(payload)) return payload
  throw new TagboatError('event-unreadable', {evidence: [`${size} of JSON that is not an object`]})
}

/** Value at a path of field names: `fieldAt(payload, 'pull_request', 'head', 'sha')`. */
export function fieldAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((found, name) => (isRecord(found) && Object.hasOwn(found, name) ? found[name] : undefined), value)
}

/** Text at a path. Undefined if it is empty. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = fieldAt(value, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** Boolean at a path. */
export function flagAt(value: unknown, ...path: readonly string[]): boolean | undefined {
  const found = fieldAt(value, ...path)
  return typeof found === 'boolean' ? found : undefined
}

/** Positive integer at a path. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = fieldAt(value, ...path)
  return typeof found === 'number' && Number.isSafeInteger(found) && found > 0 ? found : undefined
}

/** Commit id at a path: 40 or 64 hex digits. Undefined for the zero id, which means "no commit". */
export function commitAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = textAt(value, ...path)
  return found !== undefined && isCommit(found) ? found : undefined
}

/** Reports whether a text is a full commit id, other than the zero id. */
export function isCommit(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text) && !isZeroCommit(text)
}

/** Reports whether a text is the zero id, which GitHub uses before a creation and after a deletion. */
export function isZeroCommit(text: string): boolean {
  return /^(?:0{40}|0{64})$/.test(text)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
