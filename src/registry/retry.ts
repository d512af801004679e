import {TagboatError} from '../errors/error.ts'
import {errorCode} from '../errors/node-error.ts'

/** How often, and how long to wait between two tries. */
export interface RetryPolicy {
  /** Further tries of one request, after the first. */
  readonly retries: number
  /** The longest wait before the second try; it doubles for each further one. */
  readonly baseMs: number
  readonly maxMs: number
  /** No server makes us wait longer than this, whatever its `Retry-After` says. */
  readonly maxRetryAfterMs: number
}

export const defaultPolicy: RetryPolicy = {retries: 4, baseMs: 1000, maxMs: 30_000, maxRetryAfterMs: 60_000}

/** Waiting and chance, handed in; `sleep` rejects when the run is cancelled. */
export interface Patience {
  readonly sleep: (ms: number) => Promise<void>
  /** From 0 inclusive to 1 exclusive. */
  readonly random: () => number
  readonly now: () => Date
}

/** How one try ended. */
export type Outcome<T> =
  {readonly kind: 'response'; readonly response: T} | {readonly kind: 'broken'; readonly error: unknown}

interface ResponseLike {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** Whether asking once more may help: the server is busy or broken, and says so by its status. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || (status >= 500 && ![501, 505, 507].includes(status))
}

/** Broken in a way that stays: no such host, a certificate that is not trusted, a response that is too large or too slow. */
const permanentCodes =
  /^(?:ENOTFOUND|ERR_TLS_|ERR_SSL_|ERR_OSSL_|ERR_INVALID_|CERT_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_|HOSTNAME_MISMATCH|EMSGSIZE|ETOOSLOW)/

/** Whether a request that got no response may get one. What has a name in the catalogue was judged where it came from. */
export function isTransientError(error: unknown): boolean {
  if (error instanceof TagboatError || permanentCodes.test(errorCode(error) ?? '')) return false
  // A proxy that opens no tunnel has answered why, such as 407 to whoever lacks a login.
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined
  return typeof status !== 'number' || isTransientStatus(status)
}

/**
 * How long to wait before the next try, in milliseconds. Exponential with full jitter
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), and never less than `Retry-After` asks for, up
 * to the bound of the policy. `tried` counts the tries that were made.
 */
export function waitMs(
  policy: RetryPolicy,
  tried: number,
  {random, retryAfterMs}: {readonly random: number; readonly retryAfterMs: number | undefined},
): number {
  const jittered = random * Math.min(policy.maxMs, policy.baseMs * 2 ** (tried - 1))
  if (retryAfterMs === undefined) return Math.round(jittered)
  // A little more than asked for, so that all who were told the same do not come back at once.
  return Math.round(Math.min(retryAfterMs, policy.maxRetryAfterMs) + random * policy.baseMs)
}

/** `Retry-After` in seconds or as an HTTP date (RFC 9110, section 10.2.3), as milliseconds from now. */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  // Date.parse takes almost anything; an HTTP date begins with the day of the week.
  const date = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime())
}

export interface Retrier {
  readonly policy: RetryPolicy
  readonly patience: Patience
  /** One line for each further try: `ghcr.io answered 429 to PUT manifests/1.2.3; try 2 of 5 in 3 s`. */
  readonly onRetry: (line: string) => void
  readonly signal: AbortSignal
}

/** A request in the log: the host and `PUT manifests/1.2.3`. */
export interface RequestName {
  readonly host: string
  readonly subject: string
}

/**
 * Tries until there is a response that another try would not change, or no try is left. Returns the last outcome, whatever it
 * is.
 * @throws TagboatError of a try, and the reason of `signal` when it is aborted.
 */
export async function withRetries<T extends ResponseLike>(
  retrier: Retrier,
  name: RequestName,
  attempt: () => Promise<T>,
): Promise<Outcome<T>> {
  const outcome = await withRetriesWhile(retrier, name, attempt)
  if (outcome === undefined) throw new TypeError('unreachable: every try has an outcome')
  return outcome
}

/** The same for an attempt that may give up before it sends anything. Undefined: one did. */
export async function withRetriesWhile<T extends ResponseLike>(
  retrier: Retrier,
  named: RequestName,
  attempt: () => Promise<T | undefined>,
): Promise<Outcome<T> | undefined> {
  const {patience, signal} = retrier
  for (let tried = 1; ; tried += 1) {
    signal.throwIfAborted()
    const outcome = await outcomeOf(attempt)
    if (outcome === undefined) return undefined
    // What breaks because the run ends is no fault of the registry's.
    signal.throwIfAborted()
    if (!(await pauseAfter(retrier, named, {tried, ...assess(outcome, patience.now())}))) return outcome
  }
}

/** Waits before the next try of what broke off in its middle. False: it is not worth another, or none is left. */
export async function pauseAfterBreak(
  retrier: Retrier,
  named: RequestName,
  tried: number,
  error: unknown,
): Promise<boolean> {
  retrier.signal.throwIfAborted()
  return pauseAfter(retrier, named, {tried, ...assess({kind: 'broken', error}, retrier.patience.now())})
}

async function pauseAfter(
  {policy, patience, onRetry, signal}: Retrier,
  {host, subject}: RequestName,
  {tried, transient, retryAfterMs, what: text}: Assessment & {readonly tried: number},
): Promise<boolean> {
  if (!transient || tried > policy.retries) return false
  const wait = waitMs(policy, tried, {random: patience.random(), retryAfterMs})
  onRetry(`${host} ${text} ${subject}; try ${tried + 1} of ${policy.retries + 1} in ${seconds(wait)} s`)
  try {
    await patience.sleep(wait)
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
  return true
}

async function outcomeOf<T>(attempt: () => Promise<T | undefined>): Promise<Outcome<T> | undefined> {
  try {
    const response = await attempt()
    return response === undefined ? undefined : {kind: 'response', response}
  } catch (error) {
    if (error instanceof TagboatError) throw error
    return {kind: 'broken', error}
  }
}

interface Assessment {
  readonly transient: boolean
  readonly retryAfterMs: number | undefined
  readonly what: string
}

function assess(outcome: Outcome<ResponseLike>, now: Date): Assessment {
  if (outcome.kind === 'broken') {
    const why = errorCode(outcome.error) ?? 'no reason given'
    return {transient: isTransientError(outcome.error), retryAfterMs: undefined, what: `broke off (${why}) at`}
  }
  const {status, headers} = outcome.response
  const retryAfterMs = parseRetryAfter(headers['retry-after'], now)
  return {transient: isTransientStatus(status), retryAfterMs, what: `answered ${status} to`}
}

/** With one decimal place below ten seconds. */
function seconds(ms: number): string {
  return ms < 10_000 ? String(Math.round(ms / 100) / 10) : String(Math.round(ms / 1000))
}
