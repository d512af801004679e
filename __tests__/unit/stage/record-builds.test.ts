import {describe, expect, test} from '@jest/globals'
import type {BuildRecord} from '../../../src/buildx/progress/build-record.ts'
import type {CheckWarning} from '../../../src/buildx/progress/checks.ts'
import {recordBuilds} from '../../../src/stage/record-builds.ts'
import {fakeIo} from '../../../testing/fake-io.ts'

function warning(line: number, rule = 'MaintainerDeprecated'): CheckWarning {
  const url = 'https://docs.docker.com/go/dockerfile/rule/x/'
  return {rule, message: 'is deprecated', detail: '', url, filename: 'Dockerfile', line, endLine: line}
}

function recordWith(warnings: readonly CheckWarning[]): {readonly record: BuildRecord; readonly callResult: undefined} {
  return {record: {startedMs: 0, steps: [], warnings}, callResult: undefined}
}

describe('recordBuilds', () => {
  test('annotates lines of the Dockerfile with the warnings of checks, once for several builds', async () => {
    const io = fakeIo()
    const {result, record} = await recordBuilds(io, async ({onBuilt}) => {
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

  test('logs the warnings after the first ten in one line', async () => {
    const io = fakeIo()
    await recordBuilds(io, async ({onBuilt}) => {
      onBuilt?.(recordWith(Array.from({length: 13}, (_, index) => warning(index + 1, `Rule${index + 1}`))))
      return Promise.resolve()
    })
    expect(io.workflow.log.filter((line) => line.startsWith('warning'))).toHaveLength(10)
    expect(io.workflow.log.at(-1)).toBe(
      'printed: 3 more warnings of the checks: Rule11 (line 11), Rule12 (line 12), Rule13 (line 13)',
    )
  })

  test('reports a failed build, after the result of a call', async () => {
    const io = fakeIo()
    const failing = recordBuilds(io, async ({onBuilt}) => {
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
