import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../src/errors/error.ts'
import {
  defaultPolicy,
  isTransientError,
  isTransientStatus,
  parseRetryAfter,
  withRetries,
  waitMs,
  type Retrier,
} from '../../../src/registry/retry.ts'
import {activityOf} from '../../../testing/registry-client.ts'

const now = new Date('2026-01-02T03:04:05Z')

describe('isTransientStatus', () => {
  test.each([
    ...[408, 425, 429, 500, 502, 503, 504, 520, 599].map((given) => ({given, expected: true})),
    ...[200, 202, 304, 307, 400, 401, 403, 404, 405, 409, 412, 413, 416, 501, 505, 507].map((given) => ({
      given,
      expected: false,
    })),
  ])('$given: $expected', ({given, expected}) => {
    expect(isTransientStatus(given)).toBe(expected)
  })
})

describe('isTransientError', () => {
  test.each([
    ...['ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ECONNREFUSED', 'EAI_AGAIN', 'HPE_INVALID_CONSTANT', 'ENETUNREACH'].map(
      (code) => ({code, expected: true}),
    ),
    ...['ENOTFOUND', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'EMSGSIZE'].map(
      (code) => ({code, expected: false}),
    ),
  ])('$code: $expected', ({code, expected}) => {
    expect(isTransientError(Object.assign(new Error('broken'), {code}))).toBe(expected)
  })

  test.each([
    {status: 407, expected: false},
    {status: 403, expected: false},
    {status: 503, expected: true},
    {status: undefined, expected: true},
  ])('a proxy that opens no tunnel, with $status: $expected', ({status, expected}) => {
    const error = Object.assign(new Error('no tunnel'), {code: 'ERR_PROXY_TUNNEL', statusCode: status})
    expect(isTransientError(error)).toBe(expected)
  })

  test('what has a name is not tried again, what has none is', () => {
    expect(isTransientError(new TagboatError('content-corrupt'))).toBe(false)
    expect(isTransientError(new Error('socket hang up'))).toBe(true)
  })
})

describe('waitMs', () => {
  test.each([
    {name: 'the longest first wait', tried: 1, random: 1, retryAfterMs: undefined, expected: 1000},
    {name: 'it doubles', tried: 4, random: 1, retryAfterMs: undefined, expected: 8000},
    {name: 'up to a bound', tried: 20, random: 1, retryAfterMs: undefined, expected: 30_000},
    {name: 'full jitter', tried: 3, random: 0, retryAfterMs: undefined, expected: 0},
    {name: 'what the server asks for', tried: 1, random: 0, retryAfterMs: 7000, expected: 7000},
    {name: 'and a little more', tried: 1, random: 0.5, retryAfterMs: 7000, expected: 7500},
    {name: 'up to a minute', tried: 1, random: 0, retryAfterMs: 3_600_000, expected: 60_000},
  ])('$name', ({tried, random, retryAfterMs, expected}) => {
    expect(waitMs(defaultPolicy, tried, {random, retryAfterMs})).toBe(expected)
  })
})

describe('parseRetryAfter', () => {
  test.each([
    {given: '3', expected: 3000},
    {given: ' 120 ', expected: 120_000},
    {given: '0', expected: 0},
    {given: 'Fri, 02 Jan 2026 03:04:35 GMT', expected: 30_000},
    {given: 'Fri, 02 Jan 2026 03:00:00 GMT', expected: 0},
    {given: '-1', expected: undefined},
    {given: '1.5', expected: undefined},
    {given: 'soon', expected: undefined},
    {given: '', expected: undefined},
    {given: undefined, expected: undefined},
  ])('$given', ({given, expected}) => {
    expect(parseRetryAfter(given, now)).toBe(expected)
  })
})

interface Tried {
  readonly retrier: Retrier
  readonly lines: string[]
  readonly waits: number[]
  readonly abort: AbortController
}

function trying(retries: number, sleep?: (abort: AbortController) => Promise<void>): Tried {
  const lines: string[] = []
  const waits: number[] = []
  const abort = new AbortController()
  const timer = {
    sleep: async (ms: number) => {
      waits.push(ms)
      await sleep?.(abort)
    },
    random: () => 1,
    now: () => now,
  }
  const policy = {...defaultPolicy, retries}
  return {
    retrier: {policy, timer, activity: activityOf((line) => lines.push(line)), signal: abort.signal},
    lines,
    waits,
    abort,
  }
}

const named = {host: 'ghcr.io', subject: 'PUT manifests/1.2.3'}
interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

const answer = (status: number, headers: Readonly<Record<string, string>> = {}): Answered => ({status, headers})

describe('withRetries', () => {
  test('repeats until it succeeds, and logs each retry', async () => {
    const {retrier, lines, waits} = trying(4)
    const script = [
      async () => Promise.resolve(answer(429, {'retry-after': '2'})),
      async () => Promise.reject(Object.assign(new Error('hang up'), {code: 'ECONNRESET'})),
      async () => Promise.resolve(answer(201)),
    ]
    const outcome = await withRetries(retrier, named, async () => (script.shift() ?? fail)())
    expect(outcome).toEqual({kind: 'response', response: answer(201)})
    expect(lines).toEqual([
      expect.stringMatching(/ghcr\.io: PUT manifests\/1\.2\.3 .*\(429\).* 2 of 5 in 3 s$/),
      expect.stringMatching(/ghcr\.io: PUT manifests\/1\.2\.3 .*\(ECONNRESET\).* 3 of 5 in 2 s$/),
    ])
    expect(waits).toEqual([3000, 2000])
  })

  test.each([
    {retries: 0, tries: 1},
    {retries: 1, tries: 2},
    {retries: 4, tries: 5},
  ])('returns the last response after $retries retries', async ({retries, tries}) => {
    const {retrier} = trying(retries)
    let tried = 0
    const outcome = await withRetries(retrier, named, async () => {
      tried += 1
      return Promise.resolve(answer(520 + tried))
    })
    expect({tried, outcome}).toEqual({tried: tries, outcome: {kind: 'response', response: answer(520 + tries)}})
  })

  test('a TagboatError ends it at once', async () => {
    const {retrier, waits} = trying(4)
    const failure = new TagboatError('content-corrupt')
    await expect(withRetries(retrier, named, async () => Promise.reject(failure))).rejects.toBe(failure)
    expect(waits).toEqual([])
  })

  test('a cancelled run waits no more, and ends with its own error', async () => {
    const cancelled = new TagboatError('cancelled')
    const {retrier} = trying(4, async (abort) => {
      abort.abort(cancelled)
      return Promise.reject(new Error('the wait was aborted'))
    })
    await expect(withRetries(retrier, named, async () => Promise.resolve(answer(503)))).rejects.toBe(cancelled)
  })

  test('what breaks because the run ends is not tried again', async () => {
    const {retrier, abort, lines} = trying(4)
    const cancelled = new TagboatError('cancelled')
    const broken = withRetries(retrier, named, async () => {
      abort.abort(cancelled)
      return Promise.reject(new Error('aborted'))
    })
    await expect(broken).rejects.toBe(cancelled)
    expect(lines).toEqual([])
  })
})

async function fail(): Promise<never> {
  return Promise.reject(new Error('one try too many'))
}
