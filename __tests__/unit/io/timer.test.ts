import {describe, expect, jest, test} from '@jest/globals'
import {delayed, timer} from '../../../src/io/timer.ts'

describe('a delayed signal', () => {
  test.each(['before', 'after'])('is aborted later, and for the same reason; made %s the abort', (made) => {
    jest.useFakeTimers()
    try {
      const run = new AbortController()
      const reason = new Error('cancelled')
      if (made === 'after') run.abort(reason)
      const signal = delayed(run.signal, 1_000)
      if (made === 'before') run.abort(reason)
      jest.advanceTimersByTime(999)
      expect(signal.aborted).toBe(false)
      jest.advanceTimersByTime(1)
      expect(signal.aborted).toBe(true)
      expect(signal.reason).toEqual(reason)
    } finally {
      jest.useRealTimers()
    }
  })
})

test('a wait ends with the run', async () => {
  const run = new AbortController()
  const {sleep, random} = timer(run.signal)
  const slept = sleep(3_600_000)
  run.abort(new Error('cancelled'))
  await expect(slept).rejects.toThrow()
  expect(random()).toBeLessThan(1)
})
