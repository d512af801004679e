import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {builderName, BuildOutput, lacksRawJson} from '../../../../src/buildx/progress/progress.ts'
import fc from '../../../../testing/properties.ts'
import {times} from '../../../../testing/rounds.ts'

/** Captured output of Buildx 0.29 with `--progress rawjson`, without the definitions of its warnings. */
function captured(name: string): string {
  return readFileSync(path.join(import.meta.dirname, '..', '..', '..', 'fixtures', 'buildx', `${name}.txt`), 'utf8')
}

interface Shown {
  readonly lines: readonly string[]
  readonly output: BuildOutput
}

function shown(printed: string, ends: readonly number[] = []): Shown {
  const written: string[] = []
  const output = new BuildOutput((text) => written.push(text))
  const cuts = [...ends, printed.length].sort((a, b) => a - b)
  cuts.forEach((end, index) => {
    output.take(printed.slice(cuts[index - 1] ?? 0, end), 'stderr')
  })
  output.end()
  return {lines: written.join('').split('\n').slice(0, -1), output}
}

function stream(...records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('')
}

function vertex(digest: string, rest: Readonly<Record<string, unknown>> = {}): object {
  return {digest: `sha256:${digest}`, name: digest, ...rest}
}

/** Seconds since the start, as BuildKit writes a time. */
function at(seconds: number): string {
  return `2026-01-02T03:04:${String(Math.floor(seconds)).padStart(2, '0')}.${String(Math.round((seconds % 1) * 1000)).padStart(3, '0')}123456Z`
}

function printedBy(digest: string, text: string, seconds: number): object {
  return {vertex: `sha256:${digest}`, stream: 1, data: Buffer.from(text).toString('base64'), timestamp: at(seconds)}
}

const noise =
  'ERROR: (*service).Write failed: rpc error: code = Unavailable desc = ref layer-sha256:7f6c locked for 2.6ms (since 2026-11-21 13:56:27 +0000 UTC m=+1.07): unavailable\n'

describe('records, as lines', () => {
  test('of Buildx 0.12, which indents them, are the same', () => {
    const records = captured('records-two-platforms')
    const indented = records.replaceAll(/^\{.*\}$/gm, (record) => JSON.stringify(JSON.parse(record), undefined, 2))
    expect(indented).not.toBe(records)
    expect(shown(indented).lines).toEqual(shown(records).lines)
  })

  test('without an end are shown as they came', () => {
    expect(shown('{\n  "logs": [\nERROR: killed\n').lines).toEqual(['{', '  "logs": [', 'ERROR: killed'])
  })

  test('of two platforms: each step says its platform, its output and how it ended', () => {
    const {lines} = shown(captured('records-two-platforms'))
    expect(lines).toEqual(
      expect.arrayContaining([
        '#1 [internal] load build definition from Dockerfile',
        '#1 transferring dockerfile: 443 B 0.0s done',
        '#7 [linux/arm64 shell 1/3] COPY --from=busybox --chmod=755 /arm64/busybox /bin/busybox',
        '#7 CACHED',
        '#10 [linux/amd64 shell 2/3] RUN ["/bin/busybox", "--install", "-s", "/bin"]',
        '#10 DONE 2.0s',
        '#12 0.627 one c1',
        '#12 1.003 no line feed',
        '#12 DONE 1.0s',
      ]),
    )
    // BuildKit looks an internal step up before it runs it, and reports that as a run without a duration.
    expect(lines.filter((line) => line.startsWith('#2 '))).toEqual([
      '#2 [context busybox] load .dockerignore',
      '#2 transferring busybox: 2 B 0.0s done',
      '#2 DONE 0.1s',
    ])
    expect(lines.filter((line) => line.includes('locked for'))).toEqual([])
  })

  test.each([
    {
      name: 'that does not exist yet is not an error',
      error: 'failed to configure registry cache importer: r.test/app:cache: not found',
      expected: 'no cache yet',
    },
    {
      name: 'that is denied is one',
      error: 'failed to configure registry cache importer: unexpected status: 403 Forbidden',
      expected: 'ERROR: failed to configure registry cache importer: unexpected status: 403 Forbidden',
    },
  ])('a cache $name', ({error, expected}) => {
    const name = 'importing cache manifest from r.test/app:cache'
    const {lines} = shown(stream({vertexes: [vertex('a', {name, started: at(1), completed: at(2), error})]}))
    expect(lines).toEqual([`#1 ${name}`, `#1 ${expected}`])
  })

  test('a step that fails says why', () => {
    const {lines} = shown(captured('records-failing-step'))
    expect(lines).toContainEqual(expect.stringMatching(/^#9 ERROR: process "\/bin\/busybox .*: exit code: 3$/))
    expect(lines.at(-1)).toMatch(/^ERROR: failed to build: failed to solve: process /)
  })

  test('every line of every capture begins with a step, or is of Buildx itself', () => {
    for (const name of ['records-two-platforms', 'records-cached', 'records-warnings', 'records-cache-export-failed']) {
      expect(shown(captured(name)).lines.filter((line) => !/^#\d+ \S/.test(line))).toEqual([])
    }
  })

  test('a transfer has a line every five seconds and at its end', () => {
    const status = (seconds: number, more: object = {}): object => ({
      statuses: [
        {
          vertex: 'sha256:a',
          id: 'sha256:layer',
          current: seconds * 1e6,
          total: 12e6,
          timestamp: at(seconds),
          started: at(0),
          ...more,
        },
      ],
    })
    const {lines} = shown(
      stream(
        {vertexes: [vertex('a', {started: at(0)})]},
        ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((seconds) => status(seconds)),
        status(12, {completed: at(12)}),
        status(12, {completed: at(12)}),
      ),
    )
    expect(lines).toEqual([
      '#1 a',
      '#1 sha256:layer 5.00 MB / 12.0 MB 5.0s',
      '#1 sha256:layer 10.0 MB / 12.0 MB 10.0s',
      '#1 sha256:layer 12.0 MB / 12.0 MB 12.0s done',
    ])
  })

  test('a character and a line that come in pieces are whole, and a progress bar is its last state', () => {
    const bytes = Buffer.from('größer\n10%\r20%\r\nend')
    const pieces = [bytes.subarray(0, 3), bytes.subarray(3, 5), bytes.subarray(5)].map((data, index) => ({
      logs: [{vertex: 'sha256:a', stream: 1, data: data.toString('base64'), timestamp: at(index + 1)}],
    }))
    const {lines} = shown(
      stream({vertexes: [vertex('a', {started: at(0)})]}, ...pieces, {
        vertexes: [vertex('a', {started: at(0), completed: at(4)})],
      }),
    )
    expect(lines).toEqual(['#1 a', '#1 3.000 größer', '#1 3.000 20%', '#1 4.000 end', '#1 DONE 4.0s'])
  })

  test('a step that was cancelled because another failed is not an error', () => {
    const {lines, output} = shown(
      stream({
        vertexes: [
          vertex('a', {started: at(0), completed: at(1), error: 'context canceled: context canceled'}),
          vertex('b', {started: at(0), completed: at(1), error: 'no'}),
        ],
      }) + 'ERROR: failed to solve: no\n',
    )
    expect(lines).toEqual(['#1 a', '#1 CANCELED', '#2 b', '#2 ERROR: no', 'ERROR: failed to solve: no'])
    expect(output.failingStep).toEqual({name: 'b', lines: []})
  })
})

describe('everything else', () => {
  const plain = `#0 building with "big" instance using docker-container driver\n${noise}${noise}#2 ERROR: (*service).Write failed: of a step\n\n${noise}ERROR: failed to solve`

  test('is printed, without meaningless lines', () => {
    const {lines, output} = shown(plain)
    expect(`${lines.join('\n')}\n`).toBe(`${plain.replaceAll(noise, '')}\n`)
    expect(output.builder).toEqual({name: 'big', driver: 'docker-container'})
  })

  test('a whole line is printed at once', () => {
    const written: string[] = []
    const output = new BuildOutput((text) => written.push(text))
    output.take('#1 a\n#2 b', 'stderr')
    output.take('out', 'stdout')
    expect(written).toEqual(['#1 a\n'])
    output.end()
    output.end()
    expect(written).toEqual(['#1 a\n', 'out\n', '#2 b\n'])
    expect(output.text).toBe('#1 a\n#2 b\n')
  })

  test('a result that is held back is not shown', () => {
    const written: string[] = []
    const output = new BuildOutput((text) => written.push(text), true)
    output.take('Check com', 'stdout')
    output.take('#1 a\n', 'stderr')
    output.take('plete\n', 'stdout')
    output.end()
    expect({written, result: output.result}).toEqual({written: ['#1 a\n'], result: 'Check complete\n'})
  })

  test('a long output is kept by its end', () => {
    const {output} = shown(`${'x'.repeat(99)}\n`.repeat(5_000) + 'ERROR: last\n')
    expect(output.text.length).toBeLessThanOrEqual(128 * 1024)
    expect(output.text.endsWith('\nERROR: last\n')).toBe(true)
  })

  test.each([
    ['ERROR: invalid progress mode rawjson', true],
    ['error: unknown progress mode rawjson', true],
    ['ERROR: invalid progress mode nonsense', false],
  ])('%s: knows no records is %s', (text, expected) => {
    expect(lacksRawJson(text)).toBe(expected)
  })

  test('a builder is known by its line alone', () => {
    expect(builderName('#1 echo building with "x" instance using y driver')).toBeUndefined()
  })
})

describe('properties', () => {
  const streams = ['records-two-platforms', 'records-failing-step', 'records-warnings', 'build-step-heredoc'].map(
    captured,
  )

  test('the same text in any pieces is the same', () => {
    fc.assert(
      fc.property(fc.constantFrom(...streams), fc.array(fc.nat({max: 40_000})), (text, ends) => {
        const whole = shown(text)
        const cut = shown(
          text,
          ends.map((end) => end % text.length),
        )
        expect(cut.lines).toEqual(whole.lines)
        expect(cut.output.record('linux/amd64')).toEqual(whole.output.record('linux/amd64'))
        expect(cut.output.failingStep).toEqual(whole.output.failingStep)
      }),
      {numRuns: times(6)},
    )
  })

  const scalar = fc.oneof(
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.constant('sha256:a'),
    fc.constant(at(1)),
  )
  const entry = fc.dictionary(
    fc.constantFrom(
      'digest',
      'name',
      'inputs',
      'started',
      'completed',
      'cached',
      'error',
      'vertex',
      'id',
      'current',
      'total',
      'timestamp',
      'data',
      'short',
      'detail',
      'range',
      'sourceInfo',
      '__proto__',
    ),
    fc.oneof(scalar, fc.array(scalar, {maxLength: 3})),
  )
  const record = fc.dictionary(
    fc.constantFrom('vertexes', 'statuses', 'logs', 'warnings', 'other'),
    fc.oneof(scalar, fc.array(fc.oneof(scalar, entry), {maxLength: 4})),
  )

  test('no record breaks it, and no line of it has a line break', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            record.map((one) => JSON.stringify(one)),
            fc.string(),
          ),
        ),
        (lines) => {
          const {output, lines: written} = shown(lines.join('\n'))
          expect(written.filter((line) => line.includes('\n'))).toEqual([])
          const {steps, startedMs} = output.record(undefined)
          for (const {startedMs: start, durationMs} of steps) {
            expect([start, durationMs].every((ms) => Number.isFinite(ms) && ms >= 0)).toBe(true)
          }
          expect(Number.isFinite(startedMs)).toBe(true)
        },
      ),
    )
  })

  test('steps that start from each other do not hold it up', () => {
    const {lines} = shown(
      stream({
        vertexes: [
          vertex('a', {inputs: ['sha256:b'], started: at(0)}),
          vertex('b', {inputs: ['sha256:a', 'sha256:b'], started: at(0)}),
        ],
        logs: [printedBy('a', 'x\n', 1)],
      }),
    )
    expect(lines).toEqual(['#1 a', '#2 b', '#1 1.000 x'])
  })
})
