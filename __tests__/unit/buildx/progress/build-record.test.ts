import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {mergeRecords, type BuildRecord} from '../../../../src/buildx/progress/build-record.ts'
import {distinctWarnings} from '../../../../src/buildx/progress/checks.ts'
import {excerptOf} from '../../../../src/buildx/progress/excerpt.ts'
import {parseChecks} from '../../../../src/buildx/progress/parse-checks.ts'
import {BuildOutput} from '../../../../src/buildx/progress/progress.ts'

function captured(name: string): string {
  return readFileSync(path.join(import.meta.dirname, '..', '..', '..', 'fixtures', 'buildx', `${name}.txt`), 'utf8')
}

function recordOf(name: string, platform?: string): BuildRecord {
  const output = new BuildOutput(() => undefined)
  output.take(captured(name), 'stderr')
  output.end()
  return output.record(platform)
}

describe('a build as data', () => {
  test('of two platforms: steps of both, and where they ran', () => {
    const {steps} = recordOf('records-two-platforms')
    const instructions = steps.filter(({isInstruction}) => isInstruction)
    expect(instructions.map(({platform}) => platform).toSorted()).toEqual([
      ...Array<string>(6).fill('linux/amd64'),
      ...Array<string>(6).fill('linux/arm64'),
    ])
    expect(steps.find(({name}) => name === 'exporting to oci image format')).toEqual({
      name: 'exporting to oci image format',
      platform: undefined,
      isInstruction: false,
      startedMs: 6767,
      durationMs: 907,
      cached: false,
      error: undefined,
    })
  })

  test('of the same again: every instruction is cached and took no time', () => {
    const instructions = recordOf('records-cached').steps.filter(({isInstruction}) => isInstruction)
    expect(instructions).toHaveLength(12)
    expect(instructions.every(({cached, durationMs}) => cached && durationMs === 0)).toBe(true)
  })

  test('of one platform, which its steps do not name', () => {
    const {steps} = recordOf('records-warnings', 'linux/amd64')
    expect(new Set(steps.filter(({isInstruction}) => isInstruction).map(({platform}) => platform))).toEqual(
      new Set(['linux/amd64']),
    )
    expect(steps.filter(({name}) => name.startsWith('exporting')).map(({platform}) => platform)).toEqual([undefined])
  })

  test('steps of other builds are omitted', () => {
    expect(captured('records-two-platforms')).toContain('[stage-0 1/3] COPY')
    const {steps} = recordOf('records-two-platforms')
    expect(steps.filter(({name}) => name.includes('stage-0'))).toEqual([])
  })

  test('what the build survived has its error', () => {
    const failed = recordOf('records-cache-export-failed').steps.filter(({error}) => error !== undefined)
    expect(failed).toEqual([
      expect.objectContaining({
        name: 'exporting cache to registry',
        error: expect.stringMatching(/^error writing layer blob: fail/),
      }),
    ])
  })

  test('several builds are one on one clock', () => {
    const one = {...recordOf('records-warnings'), startedMs: 5_000}
    const other = {...recordOf('records-failing-step'), startedMs: 4_000}
    const {startedMs, steps, warnings} = mergeRecords([one, other, {startedMs: 0, steps: [], warnings: []}])
    expect(startedMs).toBe(4_000)
    expect(steps).toHaveLength(one.steps.length + other.steps.length)
    expect(steps.find(({name}) => name === 'exporting to image')?.startedMs).toBe(1_000 + 1_560)
    expect(warnings).toEqual(one.warnings)
  })

  test('of nothing is nothing', () => {
    expect(mergeRecords([])).toEqual({startedMs: 0, steps: [], warnings: []})
  })
})

const found = [
  {
    rule: 'ConsistentInstructionCasing',
    message: "Command 'from' should match the case of the command majority (uppercase)",
    url: 'https://docs.docker.com/go/dockerfile/rule/consistent-instruction-casing/',
    filename: 'Dockerfile',
    line: 9,
    endLine: 9,
  },
  {
    rule: 'MaintainerDeprecated',
    message: 'Maintainer instruction is deprecated in favor of using label',
    url: 'https://docs.docker.com/go/dockerfile/rule/maintainer-deprecated/',
    filename: 'Dockerfile',
    line: 10,
    endLine: 10,
  },
]

describe('what the checks found', () => {
  test.each([
    {name: 'in the records of a build', warnings: recordOf('records-warnings').warnings},
    {name: 'of several platforms, once', warnings: recordOf('records-two-platforms').warnings},
    {name: 'as text', warnings: parseChecks(captured('check-text'))},
    {name: 'as JSON', warnings: parseChecks(captured('check-json'))},
  ])('$name', ({warnings}) => {
    expect(distinctWarnings(warnings)).toEqual(found.map((one) => expect.objectContaining(one)))
  })

  test.each([
    '',
    '{',
    '{"warnings": [1, {"location": {"ranges": [{}]}}], "sources": 7}',
    'WARNING: ',
    'Check complete',
  ])('any other output is accepted: %j', (text) => {
    expect(parseChecks(text).every(({line}) => line === 0)).toBe(true)
  })

  test('lines of a Dockerfile: those that are marked count', () => {
    const lines = [
      'x',
      'app.Dockerfile:3',
      '-'.repeat(20),
      '   2 |     A',
      '   3 | >>> RUN a \\',
      '   4 | >>>   b',
      '-'.repeat(20),
      'ERROR: no',
    ]
    expect(excerptOf(lines)).toEqual({filename: 'app.Dockerfile', line: 3, endLine: 4, lines: lines.slice(1, 7)})
  })

  test.each([[[]], [['Dockerfile:1', 'no rule']], [['-'.repeat(20)]]])('no lines of a Dockerfile: %j', (lines) => {
    expect(excerptOf(lines)).toBeUndefined()
  })
})
