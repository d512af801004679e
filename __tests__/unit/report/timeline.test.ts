import {describe, expect, test} from '@jest/globals'
import type {StepRecord} from '../../../src/buildx/progress/build-record.ts'
import type {PublishedImage} from '../../../src/promote/read-back.ts'
import {cacheShare, sizeChange, slowestSteps, timeByPlatform} from '../../../src/report/build-parts.ts'
import {timeline} from '../../../src/report/timeline.ts'
import fc from '../../../testing/properties.ts'

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

/**
 * The tokens of a Gantt chart, in the order in which Mermaid's own lexer tries them at the start of a token
 * (https://github.com/mermaid-js/mermaid/blob/develop/packages/mermaid/src/diagrams/gantt/parser/gantt.jison); what it
 * skips, and keywords that Tagboat's charts do not use, are rejected here.
 */
const tokens: readonly (readonly [string, RegExp])[] = [
  [
    'refused',
    /%%|[^}]%%*|#|href\s+"|call\s+|click\s+|accTitle|accDescr|inclusiveEndDates|topAxis|(?:tickInterval|includes|excludes|weekday|weekend|title|accDescription)\s|\d{4}-\d\d-\d\d/iy,
  ],
  ['NL', /\n+/y],
  ['gantt', /gantt/iy],
  ['dateFormat', /dateFormat\s[^#\n;]+/iy],
  ['axisFormat', /axisFormat\s[^#\n;]+/iy],
  ['todayMarker', /todayMarker\s[^\n;]+/iy],
  ['section', /section\s[^#:\n;]+/iy],
  ['taskTxt', /[^#:\n;]+/y],
  ['taskData', /:[^#\n;]+/y],
]

function kindsOf(chart: string): readonly string[] {
  const kinds: string[] = []
  for (let at = 0; at < chart.length;) {
    const found = tokens.flatMap(([kind, pattern]) => {
      pattern.lastIndex = at
      const text = pattern.exec(chart)?.[0] ?? ''
      return text === '' ? [] : [{kind, text}]
    })[0]
    if (found === undefined || found.kind === 'refused')
      throw new Error(`no token at ${at}: ${chart.slice(at, at + 80)}`)
    kinds.push(found.kind)
    at += found.text.length
  }
  return kinds
}

/** `:tags, start, length`, as the documentation has it. */
const data = /^(?:crit, )?\d\d:\d\d:\d\d\.\d{3}, \d+ms$/

function expectValid(chart: string): void {
  expect(
    kindsOf(chart)
      .filter((kind) => kind !== 'NL')
      .join(' '),
  ).toMatch(/^gantt dateFormat axisFormat todayMarker(?: section(?: taskTxt taskData)+)+$/)
  const bars = chart.split('\n').filter((line) => line.startsWith('·'))
  for (const bar of bars) expect(bar.slice(bar.indexOf(':') + 1)).toMatch(data)
  expect(bars.length).toBeLessThanOrEqual(40)
}

describe('timeline', () => {
  test('a section for each platform, in the order of their names, and failed steps marked', () => {
    const chart = timeline({
      steps: [
        step('[internal] load', 0, 120, {isInstruction: false}),
        step('[linux/arm64 2/3] RUN make', 190, 61_000, {platform: 'linux/arm64'}),
        step('[linux/amd64 2/3] RUN make', 200, 2_500, {platform: 'linux/amd64'}),
        step('[1/3] FROM x', 190, 0, {cached: true}),
        step('[linux/amd64 3/3] RUN test: a; b #c', 2_700, 1_000, {platform: 'linux/amd64', error: 'exit code: 1'}),
      ],
    })
    expect(chart).toBe(
      [
        'gantt',
        'dateFormat HH:mm:ss.SSS',
        'axisFormat %M:%S',
        'todayMarker off',
        'section linux/amd64',
        '· 2/3 RUN make 2.5s :00:00:00.200, 2500ms',
        '· 3/3 RUN test a b c 1.0s :crit, 00:00:02.700, 1000ms',
        'section linux/arm64',
        '· 2/3 RUN make 61.0s :00:00:00.190, 61000ms',
      ].join('\n'),
    )
    expectValid(chart ?? '')
  })

  test.each([
    {name: 'nothing', steps: []},
    {name: 'one step', steps: [step('a', 0, 10)]},
    {name: 'cached steps alone', steps: [step('a', 0, 0, {cached: true}), step('b', 0, 0, {cached: true})]},
    {name: 'more than a day', steps: [step('a', 0, 9), step('b', 0, 25 * 3_600_000), step('c', 0, 20 * 3_600_000)]},
  ])('nothing is drawn of $name', ({steps}) => {
    expect(timeline({steps})).toBeUndefined()
  })

  test('keeps the longest of very many steps', () => {
    const steps = Array.from({length: 200}, (_, index) => step(`[${index}/200] RUN x`, index, 10_000 + index))
    const chart = timeline({steps}) ?? ''
    expectValid(chart)
    expect(chart.split('\n').filter((line) => line.startsWith('·'))).toHaveLength(40)
    expect(chart).toContain('199/200')
    expect(chart).not.toContain('· 1/200')
  })

  const hostile = fc.oneof(
    fc.string({unit: 'grapheme'}),
    fc.constantFrom(
      'section x',
      'click a call b()',
      '%%{init: {}}%%',
      '```',
      '</script><b>',
      'title: #; x',
      '2026-01-02',
      '\n:crit, 0',
      'gantt',
    ),
  )

  test('no name makes it anything but a chart', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(hostile, fc.nat({max: 90_000_000}), fc.nat({max: 9_000_000}), fc.option(hostile, {nil: undefined})),
          {minLength: 2},
        ),
        (given) => {
          const chart = timeline({steps: given.map(([name, start, ms, platform]) => step(name, start, ms, {platform}))})
          if (chart === undefined) return
          expectValid(chart)
          expect(chart).not.toMatch(/[`<>]/)
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

  test('the slowest steps are those that one would look for', () => {
    expect(slowestSteps(record).map(({name}) => name)).toEqual(['[2/3] RUN a', '[3/3] RUN b', 'exporting'])
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
    {name: 'more', before: [image('linux/amd64', 1_000_000)], expected: '+500.0 kB (+50%)'},
    {name: 'less', before: [image('linux/amd64', 2_000_000)], expected: '−500.0 kB (−25%)'},
    {name: 'the same', before: [image('linux/amd64', 1_500_000)], expected: 'same'},
    {name: 'a little', before: [image('linux/amd64', 1_499_000)], expected: '+1.00 kB (+0.1%)'},
    {
      name: 'of an image that does not say its platform',
      before: [image('unknown', 1_000_000)],
      expected: '+500.0 kB (+50%)',
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
