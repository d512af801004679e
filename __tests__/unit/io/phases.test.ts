import {describe, expect, test} from '@jest/globals'
import {phases} from '../../../src/io/phases.ts'

/** A clock that only `wait` moves. */
function clock(): {readonly now: () => number; readonly wait: (ms: number) => Promise<void>} {
  let time = 1_000
  return {
    now: () => time,
    wait: async (ms) => {
      time += ms
      return Promise.resolve()
    },
  }
}

describe('the phases of a run', () => {
  test('have their durations in the order of a run, and the sum of repeated ones', async () => {
    const {now, wait} = clock()
    const run = phases(now)
    await run.measure('push', async () => wait(30))
    expect(await run.measure('login', async () => wait(5).then(() => 'done'))).toBe('done')
    await run.measure('push', async () => wait(12))
    expect(run.ended).toEqual([
      {name: 'login', durationMs: 5},
      {name: 'push', durationMs: 42},
    ])
    expect(run.elapsedMs).toBe(47)
  })

  test('include one that fails', async () => {
    const {now, wait} = clock()
    const run = phases(now)
    const failing = run.measure('build', async () => {
      await wait(7)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(run.ended).toEqual([{name: 'build', durationMs: 7}])
  })

  test('do not include one that is running', () => {
    const run = phases(clock().now)
    void run.measure('copy', async () => new Promise(() => undefined))
    expect(run.ended).toEqual([])
  })
})
