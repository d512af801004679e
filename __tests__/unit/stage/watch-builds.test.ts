import {describe, expect, test} from '@jest/globals'
import type {BuildRecord} from '../../../src/buildx/progress/build-record.ts'
import type {CheckWarning} from '../../../src/buildx/progress/checks.ts'
import {watched} from '../../../src/stage/watch-builds.ts'
import {fakeIo} from '../../../testing/fake-io.ts'

function warning(line: number, rule = 'MaintainerDeprecated'): CheckWarning {
  const url = 'https://docs.docker.com/go/dockerfile/rule/x/'
  return {rule, message: 'is deprecated', detail: '', url, filename: 'Dockerfile', line, endLine: line}
}

function recordWith(warnings: readonly CheckWarning[]): {readonly record: BuildRecord; readonly callResult: undefined} {
  return {record: {startedMs: 0, steps: [], warnings}, callResult: undefined}
}

describe('watched builds', () => {
  test('what the checks found stands at the lines of the Dockerfile, once for several builds', async () => {
    const io = fakeIo()
    const {result, record} = await watched(io, async ({onBuilt}) => {
      onBuilt?.(recordWith([warning(3), {...warning(0, ''), filename: '', url: ''}]))
      onBuilt?.(recordWith([warning(3)]))
      return Promise.resolve('done')
    })
    expect(result).toBe('done')
    expect(record.warnings).toHaveLength(2)
    expect(io.workflow.log).toEqual([
      'warning: is deprecated',
      'warning: Dockerfile:3: is deprecated (https://docs.docker.com/go/dockerfile/rule/x/)',
    ])
  })

  test('GitHub keeps ten, so the rest is one line', async () => {
    const io = fakeIo()
    await watched(io, async ({onBuilt}) => {
      onBuilt?.(recordWith(Array.from({length: 13}, (_, index) => warning(index + 1, `Rule${index + 1}`))))
      return Promise.resolve()
    })
    expect(io.workflow.log.filter((line) => line.startsWith('warning'))).toHaveLength(10)
    expect(io.workflow.log.at(-1)).toBe(
      'printed: 3 more found by the checks: Rule11 (line 11), Rule12 (line 12), Rule13 (line 13)',
    )
  })

  test('also of a build that fails, after what a call found', async () => {
    const io = fakeIo()
    const failing = watched(io, async ({onBuilt}) => {
      onBuilt?.({...recordWith([warning(3)]), callResult: 'Check complete\n::error::x\n'})
      return Promise.reject(new Error('no'))
    })
    await expect(failing).rejects.toThrow('no')
    expect(io.workflow.log).toEqual([
      'printed: Check complete',
      'printed: ::error::x',
      expect.stringMatching(/^warning: Dockerfile:3: /),
    ])
  })
})
