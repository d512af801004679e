import {createContext, Script, type Context} from 'node:vm'
import {errorCode} from '../errors/node-error.ts'

/** What came of trying a regular expression on a text. */
export type RegexAnswer =
  /** As `String.prototype.match` gives it: the whole match, then the groups; a group that took no part is undefined. */
  | {readonly kind: 'match'; readonly groups: readonly (string | undefined)[]}
  | {readonly kind: 'none'}
  /** Stopped: it would have gone on for much longer, perhaps for ever. */
  | {readonly kind: 'too-slow'; readonly limitMs: number}
  /** Not a regular expression of https://tc39.es/ecma262/#sec-patterns, or too much for the engine. */
  | {readonly kind: 'failed'; readonly reason: string}

/**
 * Runs a regular expression that a user wrote, and gives up after a while: patterns such as `(a+)+$` take a time that
 * doubles with every character. Never throws.
 */
export interface BoundedRegex {
  match(source: string, flags: string, text: string): RegexAnswer
}

interface Question {
  readonly source: string
  readonly flags: string
  readonly text: string
  answer: readonly (string | undefined)[] | null
}

/** A match takes microseconds. */
const defaultLimitMs = 300
/** The clock goes on while a busy machine lets this process wait, so a time that was not worked does not count. */
const tries = 3
/** Of all slow matches of a run together: a list of rules can hold hundreds. */
const defaultTotalMs = 3000
/** To compile an expression is not interrupted: one of 20,000 characters can take seconds, one of this length cannot. */
const maxSourceLength = 1000

export interface Bounds {
  readonly limitMs?: number
  readonly totalMs?: number
  /** Time that this thread has worked. */
  readonly workedMs?: () => number
}

/**
 * Regular expressions within a bound: `node:vm` asks V8 to end a script, and V8 ends one in the middle of a regular
 * expression too, so that neither a thread nor a process is needed
 * (https://nodejs.org/api/vm.html#scriptrunincontextcontextifiedobject-options). The bound is the point of it, not the
 * context: pattern and text go in as values and are never read as code. The longest that a match can take is a second;
 * when the slow ones of a run have taken three, every further one counts as slow without being tried.
 */
export function boundedRegex({
  limitMs = defaultLimitMs,
  totalMs = defaultTotalMs,
  workedMs = threadTimeMs,
}: Bounds = {}): BoundedRegex {
  const question: Question = {source: '', flags: '', text: '', answer: null}
  // Made with the first question, and kept: a context costs a hundred times what a match does.
  let context: Context | undefined
  let slowMs = 0
  const attempt = (): RegexAnswer => {
    try {
      context ??= createContext(question)
      script.runInContext(context, {timeout: limitMs})
    } catch (error) {
      return isTimeout(error) ? {kind: 'too-slow', limitMs} : {kind: 'failed', reason: reasonOf(error)}
    }
    // A copy: the array belongs to the other realm, with its own idea of what an Array is.
    return question.answer === null ? {kind: 'none'} : {kind: 'match', groups: Array.from(question.answer)}
  }
  return {
    match(source, flags, text) {
      if (source.length > maxSourceLength) return {kind: 'failed', reason: `longer than ${maxSourceLength} characters`}
      if (slowMs >= totalMs) return {kind: 'too-slow', limitMs}
      Object.assign(question, {source, flags, text, answer: null})
      for (let left = tries - 1; ; left -= 1) {
        const before = workedMs()
        const answer = attempt()
        if (answer.kind === 'too-slow') slowMs += limitMs
        if (answer.kind !== 'too-slow' || left === 0 || workedMs() - before >= limitMs / 2) return answer
      }
    },
  }
}

function threadTimeMs(): number {
  const {user, system} = process.threadCpuUsage()
  return (user + system) / 1000
}

const script = new Script('answer = text.match(new RegExp(source, flags))')

function isTimeout(error: unknown): boolean {
  return errorCode(error) === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}

/** `Invalid regular expression: /(/: Unterminated group` without what the user wrote. */
function reasonOf(error: unknown): string {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
  return message.slice(message.lastIndexOf(': ') + 1).trim()
}
