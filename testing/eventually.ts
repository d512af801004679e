import {setTimeout as sleep} from 'node:timers/promises'
import {isDeepStrictEqual} from 'node:util'
import {expect} from '@jest/globals'

/** Longest wait for a value, in milliseconds: a busy machine is slow. */
const patienceMs = 20_000

/** Waits until a value is the expected one, and fails as `toEqual` otherwise. */
export async function eventually(read: () => unknown, expected: unknown): Promise<void> {
  const end = performance.now() + patienceMs
  while (performance.now() < end) {
    if (isDeepStrictEqual(await read(), expected)) return
    await sleep(40)
  }
  expect(await read()).toEqual(expected)
}
