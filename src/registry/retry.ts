import {TagboatError} from '../errors/error.ts'
import {errorCode} from '../errors/node-error.ts'
import type {Timer} from '../io/timer.ts'
import type {Activity, RequestName} from './registry-request.ts'
import {isWithoutTls} from './insecure.ts'

/** Number of retries and delays between attempts. */
interface RetryPolicy {
  /** Number of retries of a request. */
  readonly retries: number
  /** Maximum delay before the first retry; it doubles for each further one. */
  readonly baseMs: number
  readonly maxMs: number
  /** Maximum delay that a server can request by `Retry-After`. */
  readonly maxRetryAfterMs: number
}

/** Policy of registry requests. */
export const defaultPolicy: RetryPolicy = {retries: 4, baseMs: 1000, maxMs: 30_000, maxRetryAfterMs: 60_000}

/** Timer with the time of day, for dates in `Retry-After`. */
export interface RetryTimer extends Timer {
  readonly now: () => Date
}

/** Outcome of an attempt. */
export type Outcome<T> =
  {readonly kind: 'response'; readonly response: T} | {readonly kind: 'failed'; readonly error: unknown}

interface ResponseLike {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** Reports whether a status is temporary, so that a retry may help. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || (status >= 500 && ![501, 505, 507].includes(status))
}

/** Codes of permanent errors: an unknown host, an untrusted certificate, a response that is too large or too slow. */
const permanentCodes =
  /^(?:ENOTFOUND|ERR_TLS_|ERR_SSL_|ERR_OSSL_|ERR_INVALID_|CERT_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_|HOSTNAME_MISMATCH|EMSGSIZE|ETOOSLOW)/

/** Reports whether a request without a response may be retried. A TagboatError is permanent. */
export function isTransientError(error: unknown): boolean {
  if (error instanceof TagboatError || permanentCodes.test(errorCode(error) ?? '') || isWithoutTls(error)) return false
  // A proxy that refuses a tunnel responds with a status, such as 407 without credentials.
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined
  return typeof status !== 'number' || isTransientStatus(status)
}

/**
 * Delay before the next attempt, in ms: exponential with full jitter
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), but not less than `Retry-After`, up
 * to the limit of the policy. `tried` is the number of previous attempts.
 */
export function waitMs(
  policy: RetryPolicy,
  tried: number,
  {random, retryAfterMs}: {readonly random: number; readonly retryAfterMs: number | undefined},
): number {
  const jittered = random * Math.min(policy.maxMs, policy.baseMs * 2 ** (tried - 1))
  if (retryAfterMs === undefined) return Math.round(jittered)
  // Slightly longer, so that clients with the same `Retry-After` do not retry at the same time.
  return Math.round(Math.min(retryAfterMs, policy.maxRetryAfterMs) + random * policy.baseMs)
}

/** Parses `Retry-After` in seconds or as an HTTP date (RFC 9110, section 10.2.3) to a delay in ms. */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  // Date.parse accepts almost any text; an HTTP date begins with the day of the week.
  const date = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime())
}

/** Policy and side effects of retries. */
export interface Retrier {
  readonly policy: RetryPolicy
  readonly timer: RetryTimer
  /** Observer of requests and retries: `ghcr.io: PUT manifests/1.2.3 failed (429); attempt 2 of 5 in 3 s`. */
  readonly activity: Pick<Activity, 'request' | 'retry'>
  readonly signal: AbortSignal
}

/**
 * Repeats an attempt until its outcome is permanent, or no retries are left. Returns the last outcome. `isRetryable`
 * selects the responses to retry; by default those with a temporary status.
 * @throws TagboatError of an attempt, and the reason of `signal` if it is aborted.
 */
export async function withRetries<T extends ResponseLike>(
  retrier: Retrier,
  name: RequestName,
  attempt: () => Promise<T>,
  isRetryable: (response: T) => boolean = isTransient,
): Promise<Outcome<T>> {
  const outcome = await withRetriesWhile(retrier, name, attempt, isRetryable)
  if (outcome === undefined) throw new TypeError('unreachable: every attempt has an outcome')
  return outcome
}

/** Repeats an attempt as `withRetries` does. Undefined if an attempt returned undefined, without a request. */
export async function withRetriesWhile<T extends ResponseLike>(
  retrier: Retrier,
  name: RequestName,
  attempt: () => Promise<T | undefined>,
  isRetryable: (response: T) => boolean = isTransient,
): Promise<Outcome<T> | undefined> {
  const {timer, signal, activity} = retrier
  const end = activity.request(name)
  try {
    for (let tried = 1; ; tried += 1) {
      signal.throwIfAborted()
      const outcome = await outcomeOf(attempt)
      if (outcome === undefined) return undefined
      // A failure that the cancellation caused is not a failure of the registry.
      signal.throwIfAborted()
      const assessment = assess(outcome, isRetryable, timer.now())
      if (!(await pauseAfter(retrier, name, {tried, ...assessment}))) return outcome
    }
  } finally {
    end()
  }
}

/**
 * Waits before the next attempt to read a response that was interrupted. False if the failure is permanent, or no
 * retries are left.
 */
export async function pauseAfterBreak(
  retrier: Retrier,
  name: RequestName,
  tried: number,
  error: unknown,
): Promise<boolean> {
  retrier.signal.throwIfAborted()
  return pauseAfter(retrier, name, {tried, ...assessError(error)})
}

async function pauseAfter(
  {policy, timer, activity, signal}: Retrier,
  {host, subject}: RequestName,
  {tried, transient, retryAfterMs, reason}: Assessment & {readonly tried: number},
): Promise<boolean> {
  if (!transient || tried > policy.retries) return false
  const wait = waitMs(policy, tried, {random: timer.random(), retryAfterMs})
  const line = `${host}: ${subject} failed (${reason}); attempt ${tried + 1} of ${policy.retries + 1} in ${seconds(wait)} s`
  activity.retry(line, {host, subject, reason})
  try {
    await timer.sleep(wait)
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
    return {kind: 'failed', error}
  }
}

interface Assessment {
  readonly transient: boolean
  readonly retryAfterMs: number | undefined
  readonly reason: string
}

function assess<T extends ResponseLike>(
  outcome: Outcome<T>,
  isRetryable: (response: T) => boolean,
  now: Date,
): Assessment {
  if (outcome.kind === 'failed') return assessError(outcome.error)
  const {response} = outcome
  const retryAfterMs = parseRetryAfter(response.headers['retry-after'], now)
  return {transient: isRetryable(response), retryAfterMs, reason: String(response.status)}
}

function assessError(error: unknown): Assessment {
  const reason = errorCode(error) ?? 'unknown error'
  return {transient: isTransientError(error), retryAfterMs: undefined, reason}
}

function isTransient({status}: ResponseLike): boolean {
  return isTransientStatus(status)
}

/** Formats a time in seconds, with one decimal place below ten seconds. */
function seconds(ms: number): string {
  return ms < 10_000 ? String(Math.round(ms / 100) / 10) : String(Math.round(ms / 1000))
}
