import type {PublishedImage} from '../../../../src/oci/published-image.ts'
import {describe, expect, test} from '@jest/globals'
import type {StepRecord} from '../../../../src/buildx/progress/build-record.ts'
import {cacheShare, sizeChange, timeByPlatform} from '../../../../src/report/summary/build-parts.ts'
import {timeline} from '../../../../src/report/summary/timeline.ts'
import fc from '../../../../testing/properties.ts'

function step(name: string, startedMs: number, durationMs: number, rest: Partial<StepRecord> = {}): StepRecord {
  return {
    name,
    platform: undefined,
    isInstruction: true,
    startedMs,
    durationMs,
    cached: false,
    error: undefined,
    ...rest,
  }
}

describe('timeline', () => {
  test('a section for each platform, in the order of their names, and failed steps marked', () => {
    const chart = timeline({
      steps: [
        step('[internal] load build context', 0, 12_000, {isInstruction: false}),
        step('[linux/arm64 2/3] RUN make', 190, 61_000, {platform: 'linux/arm64'}),
        step('[linux/amd64 2/3] RUN make', 200, 2_500, {platform: 'linux/amd64'}),
        step('[1/3] FROM x', 190, 0, {cached: true}),
        step('[linux/amd64 3/3] RUN test', 40_700, 10_000, {platform: 'linux/amd64', error: 'exit code: 1'}),
      ],
    })
    expect(chart?.split('\n')).toEqual([
      'build',
      '  [internal] load build context                     12.0 s  ████████',
      'linux/amd64',
      '  [2/3] RUN make                                     2.5 s  ██',
      '  [3/3] RUN test                                    10.0 s                             ██████ ✗',
      'linux/arm64',
      '  [2/3] RUN make                                 1 min 1 s  ████████████████████████████████████████',
    ])
  })

  test.each([
    {name: 'nothing', steps: []},
    {name: 'one step', steps: [step('a', 0, 20_000)]},
    {name: 'cached steps alone', steps: [step('a', 0, 0, {cached: true}), step('b', 0, 0, {cached: true})]},
  ])('nothing is drawn of $name', ({steps}) => {
    expect(timeline({steps})).toBeUndefined()
  })

  test('keeps the longest of very many steps', () => {
    const steps = Array.from({length: 200}, (_, index) => step(`[${index}/200] RUN x`, index, 10_000 + index))
    const lines = (timeline({steps}) ?? '').split('\n')
    expect(lines).toHaveLength(41)
    expect(lines.some((line) => line.includes('199/200'))).toBe(true)
    expect(lines.some((line) => line.includes('[1/200]'))).toBe(false)
  })

  const hostile = fc.oneof(
    fc.string({unit: 'grapheme'}),
    fc.constantFrom('```', '\n# heading', 'a\u0000b', '\u202Etxt', 'x'.repeat(500)),
  )

  test('every step has one line, and its bar stays in the chart', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(hostile, fc.nat({max: 90_000_000}), fc.integer({min: 1, max: 9_000_000}), hostile), {
          minLength: 2,
        }),
        (given) => {
          const chart = timeline({steps: given.map(([name, start, ms, platform]) => step(name, start, ms, {platform}))})
          for (const line of chart?.split('\n').filter((one) => one.startsWith('  ')) ?? []) {
            expect(line).toMatch(/^ {2}.{45,}? {2} *█+$/u)
            expect(/ {2}( *█+)$/.exec(line)?.[1]?.length).toBeLessThanOrEqual(40)
          }
          expect(chart ?? '').not.toMatch(/[\0\r\u202E]/)
        },
      ),
    )
  })
})

describe('parts of a build', () => {
  const steps = [
    step('[1/3] FROM', 0, 0, {cached: true, platform: 'linux/amd64'}),
    step('[2/3] RUN a', 0, 1_000, {platform: 'linux/amd64'}),
    step('[3/3] RUN b', 500, 1_000, {platform: 'linux/amd64'}),
    step('[3/3] RUN c', 3_000, 400, {platform: 'linux/arm64'}),
    step('exporting', 4_000, 700, {isInstruction: false}),
  ]
  const record = {startedMs: 0, steps, warnings: []}

  test('the share of the cache is that of the instructions', () => {
    expect(cacheShare(record)).toBe('1 of 4 steps cached')
    expect(cacheShare({...record, steps: []})).toBeUndefined()
  })

  test('time in which two steps of a platform ran counts once', () => {
    expect([...timeByPlatform(record)]).toEqual([
      ['linux/amd64', 1_500],
      ['linux/arm64', 400],
    ])
  })

  const image = (platform: string, compressedBytes: number): PublishedImage => ({
    platform,
    compressedBytes,
    digest: `sha256:${'1'.repeat(64)}` as const,
  })

  test.each([
    {name: 'more', before: [image('linux/amd64', 1_000_000)], expected: '+500.0 kB, +50%'},
    {name: 'less', before: [image('linux/amd64', 2_000_000)], expected: '−500.0 kB, −25%'},
    {name: 'the same', before: [image('linux/amd64', 1_500_000)], expected: 'same'},
    {name: 'a little', before: [image('linux/amd64', 1_499_000)], expected: '+1.00 kB, +0.1%'},
    {
      name: 'of an image that does not say its platform',
      before: [image('unknown', 1_000_000)],
      expected: '+500.0 kB, +50%',
    },
    {name: 'by next to nothing', before: [image('linux/amd64', 1_499_998)], expected: '+2 B'},
    {name: 'of another platform', before: [image('linux/arm64', 1)], expected: undefined},
  ])('the change of a size: $name', ({before, expected}) => {
    expect(sizeChange(image('linux/amd64', 1_500_000), {tag: 'latest', images: before})).toBe(expected)
  })

  test('without a former image there is no change', () => {
    expect(sizeChange(image('linux/amd64', 1), undefined)).toBeUndefined()
  })
})
