import {field, parseJson} from '../../oci/manifest.ts'
import {parseRetryAfter} from '../../registry/retry.ts'
import type {HttpResponse} from '../../io/http.ts'

/** Requests that GitHub still accepts from a token, and when it counts from the start again. */
export interface RateLimit {
  readonly remaining: number
  readonly resetsAt: Date
}

/**
 * Primary limit in the headers of a response
 * (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api). Undefined if there is none: an
 * Enterprise Server can have no limits.
 */
export function rateLimitIn(headers: HttpResponse['headers']): RateLimit | undefined {
  const [remaining, reset] = ['x-ratelimit-remaining', 'x-ratelimit-reset'].map((name) => wholeNumber(headers[name]))
  return remaining === undefined || reset === undefined ? undefined : {remaining, resetsAt: new Date(reset * 1000)}
}

/**
 * Time in ms after which a limited request may be repeated. Undefined if the response is not a refusal by a limit: GitHub
 * answers 403 or 429 for both of its limits, and 403 for a missing permission, too.
 */
export function limitedForMs(response: HttpResponse, now: Date): number | undefined {
  const {status, headers} = response
  if (status !== 403 && status !== 429) return undefined
  const stated = parseRetryAfter(headers['retry-after'], now)
  if (stated !== undefined) return stated
  const limit = rateLimitIn(headers)
  if (limit?.remaining === 0) return Math.max(0, limit.resetsAt.getTime() - now.getTime())
  return status === 429 || namesLimit(response) ? unstatedMs : undefined
}

/** Shortest time that GitHub demands after a secondary limit without a header. */
const unstatedMs = 60_000

function namesLimit({body}: HttpResponse): boolean {
  const message = field(parseJson(body), 'message')
  return typeof message === 'string' && /\brate limit\b|\babuse detection\b/i.test(message)
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined
}
