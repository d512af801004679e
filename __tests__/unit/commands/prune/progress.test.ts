import {describe, expect, test} from '@jest/globals'
import {withProgress} from '../../../../src/commands/prune/progress.ts'
import {recordedWorkflow} from '../../../../testing/fake-io.ts'

/** Interval that a test ends. */
function clock(): {readonly every: (ms: number, work: () => void) => () => void; readonly tick: () => void} {
  let running: (() => void) | undefined
  return {
    every: (_, work) => {
      running = work
      return () => {
        running = undefined
      }
    },
    tick: () => running?.(),
  }
}

describe('progress', () => {
  test('is logged while work lasts, with its present state', async () => {
    const {every, tick} = clock()
    const workflow = recordedWorkflow()
    let count = 0
    const result = await withProgress(
      () => `${count} done`,
      {workflow, every},
      async () => {
        for (count of [1, 2]) tick()
        return Promise.resolve('result')
      },
    )
    tick()
    expect([result, workflow.log]).toEqual(['result', ['info: 1 done', 'info: 2 done']])
  })

  test('ends with a failure of its work', async () => {
    const {every, tick} = clock()
    const workflow = recordedWorkflow()
    const failing = withProgress(
      () => 'x',
      {workflow, every},
      async () => Promise.reject(new Error('failed')),
    )
    await expect(failing).rejects.toThrow('failed')
    tick()
    expect(workflow.log).toEqual([])
  })
})
