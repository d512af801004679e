import {createContext, Script, type Context} from 'node:vm'
import {errorCode} from '../errors/node-error.ts'

/** Result of matching a regular expression against a text. */
export type RegexAnswer =
  /**
   * Result of `String.prototype.match`: the whole match, then the groups; a group that did not participate is
   * undefined.
   */
  | {readonly kind: 'match'; readonly groups: readonly (string | undefined)[]}
  | {readonly kind: 'none'}
  /** Match that was stopped at the time limit. */
  | {readonly kind: 'too-slow'; readonly limitMs: number}
  /** Invalid pattern (https://tc39.es/ecma262/#sec-patterns), or one that exceeds a limit of the engine. */
  | {readonly kind: 'failed'; readonly reason: string}

/**
 * Matches regular expressions from user input within a time limit: patterns such as `(a+)+$` take a time that doubles
 * with every character. It never throws.
 */
export interface BoundedRegex {
  match(source: string, flags: string, text: string): RegexAnswer
  /** Matches all texts within the limit of one: the cost of a call is that of hundreds of matches. */
  matchAll(source: string, flags: string, texts: readonly string[]): RegexAnswers
}

/** Results of `RegexAnswer` for several texts, in order; undefined for a text that does not match. */
type RegexAnswers =
  | {readonly kind: 'matches'; readonly matches: readonly (readonly (string | undefined)[] | undefined)[]}
  | Extract<RegexAnswer, {kind: 'too-slow' | 'failed'}>

interface Question {
  readonly source: string
  readonly flags: string
  readonly texts: readonly string[]
  answers: readonly (readonly (string | undefined)[] | null)[]
}

/** Time limit of one match, which usually takes microseconds. */
const defaultLimitMs = 300
/**
 * Attempts per match: on a busy machine, the limit can pass while this thread does not run. Such an attempt does not
 * count.
 */
const tries = 3
/** Time limit of all slow matches of a run together: a list can contain hundreds of rules. */
const defaultTotalMs = 3000
/** Longest pattern. Compilation cannot be interrupted, and takes seconds at 20,000 characters. */
const maxSourceLength = 1000

interface Bounds {
  readonly limitMs?: number
  readonly totalMs?: number
  /** CPU time of this thread, in milliseconds. */
  readonly workedMs?: () => number
}

/**
 * Creates a matcher with a time limit. The `timeout` of `node:vm` stops a script in the middle of a match, so no thread
 * or process is needed (https://nodejs.org/api/vm.html#scriptrunincontextcontextifiedobject-options). The context
 * isolates nothing: pattern and texts are values of its global object and never evaluated as code. A match takes at most
 * a second. After three seconds of slow matches in a run, further matches are reported as too slow without an attempt.
 */
export function boundedRegex({
  limitMs = defaultLimitMs,
  totalMs = defaultTotalMs,
  workedMs = threadTimeMs,
}: Bounds = {}): BoundedRegex {
  const question: Question = {source: '', flags: '', texts: [], answers: []}
  // Created once, on first use: a context costs a hundred times as much as a match.
  let context: Context | undefined
  let slowMs = 0
  const attempt = (): RegexAnswers => {
    try {
      context ??= createContext(question)
      script.runInContext(context, {timeout: limitMs})
    } catch (error) {
      return isTimeout(error) ? {kind: 'too-slow', limitMs} : {kind: 'failed', reason: reasonOf(error)}
    }
    // The arrays belong to the other realm; the copies are instances of this realm's Array.
    return {
      kind: 'matches',
      matches: Array.from(question.answers, (groups) => (groups === null ? undefined : Array.from(groups))),
    }
  }
  const matchAll: BoundedRegex['matchAll'] = (source, flags, texts) => {
    if (source.length > maxSourceLength) return {kind: 'failed', reason: `longer than ${maxSourceLength} characters`}
    if (slowMs >= totalMs) return {kind: 'too-slow', limitMs}
    Object.assign(question, {source, flags, texts, answers: []})
    for (let left = tries - 1; ; left -= 1) {
      const before = workedMs()
      const answer = attempt()
      if (answer.kind === 'too-slow') slowMs += limitMs
      if (answer.kind !== 'too-slow' || left === 0 || workedMs() - before >= limitMs / 2) return answer
    }
  }
  return {
    matchAll,
    match(source, flags, text) {
      const answer = matchAll(source, flags, [text])
      if (answer.kind !== 'matches') return answer
      const [groups] = answer.matches
      return groups === undefined ? {kind: 'none'} : {kind: 'match', groups}
    },
  }
}

function threadTimeMs(): number {
  const {user, system} = process.threadCpuUsage()
  return (user + system) / 1000
}

const script = new Script('answers = ((e) => texts.map((text) => text.match(e)))(new RegExp(source, flags))')

function isTimeout(error: unknown): boolean {
  return errorCode(error) === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}

/** Reason without the pattern: `Unterminated group` of `Invalid regular expression: /(/: Unterminated group`. */
function reasonOf(error: unknown): string {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
  return message.slice(message.lastIndexOf(': ') + 1).trim()
}
