import {describe, expect, test} from '@jest/globals'
import {forEachBounded} from '../../../src/registry/limit.ts'

describe('forEachBounded', () => {
  test.each([
    {name: 'fewer items than places', count: 2, most: 5, expected: 2},
    {name: 'more items than places', count: 20, most: 5, expected: 5},
    {name: 'no items', count: 0, most: 5, expected: 0},
  ])('$name', async ({count, most, expected}) => {
    const done: number[] = []
    const running = {now: 0, most: 0}
    await forEachBounded(
      Array.from({length: count}, (_, index) => index),
      most,
      async (item) => {
        running.now += 1
        running.most = Math.max(running.most, running.now)
        await new Promise((resolve) => setImmediate(resolve))
        running.now -= 1
        done.push(item)
      },
    )
    expect(done.sort((a, b) => a - b)).toEqual(Array.from({length: count}, (_, index) => index))
    expect(running.most).toBe(expected)
  })

  test('after a failure nothing is begun, what runs is waited for, and the first failure is thrown', async () => {
    const begun: number[] = []
    const ended: number[] = []
    const run = forEachBounded([1, 2, 3, 4], 2, async (item) => {
      begun.push(item)
      if (item === 1) throw new Error('first')
      await new Promise((resolve) => setImmediate(resolve))
      ended.push(item)
      throw new Error('later')
    })
    await expect(run).rejects.toThrow('first')
    expect({begun, ended}).toEqual({begun: [1, 2], ended: [2]})
  })
})
