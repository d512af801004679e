import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {json} from '../clouds/github-tokens.ts'

export interface GitHubLimits {
  /** Requests an hour. Default: 1,000, as for `GITHUB_TOKEN`. An Enterprise Server can be without this limit. */
  readonly perHour?: number | 'unlimited'
  /** Requests that are used before the first one, with which the hour begins. Default: 0. */
  readonly used?: number
  /** Points a minute. Default: 900. */
  readonly pointsPerMinute?: number
  /** Status of a refusal. GitHub documents both. Default: 403. */
  readonly status?: 403 | 429
}

/** Answers of GitHub's limits: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
export interface RateLimiter {
  /** Counts a request. Returns the refusal if it exceeds a limit. */
  count(request: HttpRequest): HttpResponse | undefined
  /** Adds the headers that every answer has. */
  stamp(answer: HttpResponse): HttpResponse
}

const hourMs = 3_600_000
const minuteMs = 60_000
/** Points of a request that changes something. Others have one. */
const changePoints = 5

export function rateLimiter(limits: GitHubLimits, now: () => Date): RateLimiter {
  const {perHour = 1_000, pointsPerMinute = 900, status = 403} = limits
  let used = limits.used ?? 0
  let resetsAt: number | undefined
  let recent: readonly {readonly at: number; readonly points: number}[] = []
  const headers = (): HttpResponse['headers'] =>
    perHour === 'unlimited'
      ? {}
      : {
          'x-ratelimit-limit': String(perHour),
          'x-ratelimit-remaining': String(Math.max(0, perHour - used)),
          'x-ratelimit-used': String(used),
          'x-ratelimit-reset': String(Math.ceil((resetsAt ?? now().getTime() + hourMs) / 1000)),
          'x-ratelimit-resource': 'core',
        }
  return {
    stamp: (answer) => ({...answer, headers: {...headers(), ...answer.headers}}),
    count({method}) {
      const time = now().getTime()
      if (resetsAt !== undefined && time >= resetsAt) {
        used = 0
        resetsAt = undefined
      }
      resetsAt ??= time + hourMs
      if (perHour !== 'unlimited' && used >= perHour)
        return json(status, {message: 'API rate limit exceeded for installation.'})
      used += 1
      recent = recent.filter(({at}) => at > time - minuteMs)
      const points = method === 'GET' || method === 'HEAD' ? 1 : changePoints
      if (recent.reduce((sum, one) => sum + one.points, points) > pointsPerMinute) {
        const refusal = json(status, {message: 'You have exceeded a secondary rate limit. Please wait a few minutes.'})
        return {...refusal, headers: {'retry-after': '60'}}
      }
      recent = [...recent, {at: time, points}]
      return undefined
    },
  }
}
