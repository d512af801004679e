import {describe, expect, test} from '@jest/globals'
import type {ScanLimits} from '../../../src/inputs/scan/scan-inputs.ts'
import {mergeFindings, type ReportedFinding} from '../../../src/scanning/finding.ts'
import {judgeFindings} from '../../../src/scanning/judge-findings.ts'
import {layerOrigins} from '../../../src/scanning/layer-origin.ts'
import {scanFound} from '../../../src/scanning/scan-found.ts'
import {failingLines, platformLine, verdictText} from '../../../src/scanning/scan-text.ts'
import {writeSarif} from '../../../src/scanning/write-sarif.ts'

function finding(id: string, change: Partial<ReportedFinding> = {}): ReportedFinding {
  return {
    id,
    aliases: [],
    severity: 'high',
    package: 'openssl',
    type: 'deb',
    kind: 'os',
    installed: '3.0.1',
    fixed: ['3.0.2'],
    state: 'fixed',
    purl: '',
    ...change,
  }
}

const limits: ScanLimits = {failOn: 'high', ignoreUnfixed: true, types: ['os', 'library'], onlyNew: false}

function failing(found: readonly ReportedFinding[], change: Partial<ScanLimits> = {}): readonly string[] {
  const merged = mergeFindings([{platform: 'linux/amd64', findings: found}])
  return judgeFindings(merged, {...limits, ...change}, undefined).failing.map(({id}) => id)
}

describe('the limits', () => {
  const all = [
    finding('critical', {severity: 'critical'}),
    finding('high'),
    finding('low', {severity: 'low'}),
    finding('unknown', {severity: 'unknown'}),
    finding('negligible', {severity: 'negligible'}),
    finding('unfixed', {fixed: [], state: 'wont-fix'}),
    finding('unstated', {fixed: [], state: 'unstated'}),
    finding('library', {kind: 'library', type: 'npm'}),
    finding('ignored', {suppressed: 'accepted'}),
  ]

  test.each<{name: string; change: Partial<ScanLimits>; expected: readonly string[]}>([
    {name: 'fail from high on, with a fix', change: {}, expected: ['critical', 'high', 'library', 'unstated']},
    {name: 'fail from critical on', change: {failOn: 'critical'}, expected: ['critical']},
    {
      name: 'fail from low on, with what has no severity',
      change: {failOn: 'low'},
      expected: ['critical', 'high', 'library', 'low', 'unknown', 'unstated'],
    },
    {
      name: 'fail without a fix',
      change: {ignoreUnfixed: false},
      expected: ['critical', 'high', 'library', 'unfixed', 'unstated'],
    },
    {name: 'fail for libraries', change: {types: ['library']}, expected: ['library']},
    {name: 'only report', change: {failOn: 'none'}, expected: []},
  ])('$name', ({change, expected}) => {
    expect([...failing(all, change)].sort()).toEqual(expected)
  })
})

describe('findings of several platforms', () => {
  const merged = mergeFindings([
    {platform: 'linux/amd64', findings: [finding('CVE-1'), finding('CVE-2', {severity: 'critical'})]},
    {platform: 'linux/arm64', findings: [finding('CVE-1')]},
  ])

  test('are listed once, the worst first', () => {
    expect(merged.map(({id, platforms}) => [id, platforms])).toEqual([
      ['CVE-2', ['linux/amd64']],
      ['CVE-1', ['linux/amd64', 'linux/arm64']],
    ])
  })

  test.each<{
    name: string
    baseline: Readonly<Record<string, readonly ReportedFinding[]>>
    failing: readonly string[]
    gone: number
  }>([
    {
      name: 'with the same findings in another version',
      baseline: {
        'linux/amd64': [finding('CVE-1', {installed: '2'}), finding('CVE-2', {installed: '2'})],
        'linux/arm64': [finding('CVE-1')],
      },
      failing: [],
      gone: 0,
    },
    {
      name: 'with another name for the same vulnerability',
      baseline: {
        'linux/amd64': [finding('GHSA-1', {aliases: ['CVE-1']}), finding('CVE-2')],
        'linux/arm64': [finding('GHSA-1', {aliases: ['CVE-1']})],
      },
      failing: [],
      gone: 0,
    },
    {
      name: 'which lacks one on one platform',
      baseline: {'linux/amd64': [finding('CVE-1'), finding('CVE-2')], 'linux/arm64': []},
      failing: ['CVE-1'],
      gone: 0,
    },
    {
      name: 'which lacks a platform, and has one more',
      baseline: {'linux/amd64': [finding('CVE-1'), finding('CVE-2'), finding('CVE-3')]},
      failing: ['CVE-1'],
      gone: 1,
    },
    {
      name: 'which ignores one',
      baseline: {
        'linux/amd64': [finding('CVE-1'), finding('CVE-2', {suppressed: 'x'})],
        'linux/arm64': [finding('CVE-1')],
      },
      failing: ['CVE-2'],
      gone: 0,
    },
  ])('are new against a baseline $name', ({baseline, failing: expected, gone}) => {
    const result = judgeFindings(merged, {...limits, onlyNew: true}, new Map(Object.entries(baseline)))
    expect(result.failing.map(({id}) => id)).toEqual(expected)
    expect(result.gone).toBe(gone)
  })

  test('have lines with their numbers', () => {
    const result = judgeFindings(merged, limits, new Map([['linux/amd64', [finding('CVE-1')]]]))
    const tool = {name: 'grype', version: '1.2.3'}
    expect(platformLine('linux/amd64', result, {tool, data: {date: '2026-11-29T00:00:00Z'}, baseline: '1.2'})).toBe(
      'scan  linux/amd64  grype 1.2.3, database of 2026-11-29: 1 critical, 1 high (2 new since 1.2)',
    )
    expect(verdictText(result, limits)).toBe('1 critical, 1 high of 2 findings (scan-fail-on: high)')
    expect(failingLines(result)).toEqual([
      'critical: CVE-2 in openssl 3.0.1, fixed in 3.0.2 (linux/amd64)',
      'high: CVE-1 in openssl 3.0.1, fixed in 3.0.2 (linux/amd64, linux/arm64)',
    ])
  })

  test('have the reason for which a severe one does not fail', () => {
    const found = [
      finding('CVE-1', {severity: 'critical'}),
      finding('CVE-2', {fixed: [], state: 'not-fixed'}),
      finding('CVE-3', {fixed: [], state: 'wont-fix'}),
      finding('CVE-4', {kind: 'library', fixed: []}),
      finding('CVE-5', {severity: 'low', fixed: []}),
      finding('CVE-6', {suppressed: 'not reachable'}),
      finding('CVE-7'),
    ]
    const own = {...limits, types: ['os'], onlyNew: true} as const
    const before = new Map([['linux/amd64', [finding('CVE-7')]]])
    const result = judgeFindings(mergeFindings([{platform: 'linux/amd64', findings: found}]), own, before)
    expect(result.failing.map(({id}) => id)).toEqual(['CVE-1'])
    expect(verdictText(result, own).split('; ').slice(1)).toEqual([
      expect.stringMatching(/^1 high .*type/),
      expect.stringMatching(/^2 high .*fix/),
      expect.stringMatching(/^1 high .*new/),
    ])
    expect(verdictText(result, {...own, failOn: 'none'}).split('; ')).toHaveLength(1)
  })

  test('that are many are counted', () => {
    const many = Array.from({length: 30}, (_, index) => finding(`CVE-${index}`))
    const result = judgeFindings(mergeFindings([{platform: 'linux/amd64', findings: many}]), limits, undefined)
    expect(failingLines(result)).toHaveLength(21)
    expect(failingLines(result).at(-1)).toContain('10')
  })
})

describe('the remedy for findings', () => {
  const result = judgeFindings(
    mergeFindings([{platform: 'linux/amd64', findings: [finding('CVE-1')]}]),
    limits,
    undefined,
  )

  test.each([
    {scanner: 'grype', has: '.grype.yaml'},
    {scanner: 'trivy', has: '.trivyignore'},
    {scanner: 'run-2', has: 'run='},
  ])('is one of $scanner', ({scanner, has}) => {
    const others = ['.grype.yaml', '.trivyignore', 'run='].filter((one) => one !== has)
    const {remedy = ''} = scanFound(scanner, result, limits)
    expect(remedy).toContain(has)
    expect(others.filter((one) => remedy.includes(one))).toEqual([])
  })

  test('does not name what is set', () => {
    expect(scanFound('grype', result, limits).remedy).toContain('scan-only-new')
    expect(scanFound('grype', result, {...limits, onlyNew: true}).remedy).not.toContain('scan-only-new')
  })
})

describe('SARIF', () => {
  interface Document {
    readonly runs: readonly {
      readonly automationDetails: {readonly id: string}
      readonly results: readonly {
        readonly ruleId: string
        readonly ruleIndex: number
        readonly partialFingerprints: Readonly<Record<string, string>>
        readonly locations: readonly unknown[]
      }[]
    }[]
  }

  function written(found: readonly ReportedFinding[], platform = 'linux/amd64'): Document {
    const findings = mergeFindings([{platform, findings: found}])
    const tool = {name: 'grype', version: '1'}
    return JSON.parse(writeSarif({findings, tool, image: 'ghcr.io/o/app', dockerfile: 'app/Dockerfile'})) as Document
  }

  test('has one run: a result per finding, at its line', () => {
    const {runs} = written([
      finding('CVE-1', {line: 7}),
      finding('CVE-2', {suppressed: 'x'}),
      finding('CVE-1', {package: 'b'}),
    ])
    expect(runs).toHaveLength(1)
    expect(runs[0]?.automationDetails.id).toBe('tagboat/ghcr.io/o/app/')
    expect(runs[0]?.results.map(({ruleId, ruleIndex}) => [ruleId, ruleIndex])).toEqual([
      ['CVE-1', 0],
      ['CVE-1', 0],
    ])
    expect(runs[0]?.results[1]?.locations).toMatchObject([
      {physicalLocation: {artifactLocation: {uri: 'app/Dockerfile'}, region: {startLine: 7}}},
    ])
  })

  test('has fingerprints without versions', () => {
    const [one, other] = ['1.0', '2.0'].map((installed) => written([finding('CVE-1', {installed})]).runs[0]?.results[0])
    expect(one?.partialFingerprints).toEqual(other?.partialFingerprints)
    expect(Object.values(one?.partialFingerprints ?? {})).not.toContainEqual(expect.stringContaining('1.0'))
  })

  test('has at most as many results as GitHub accepts', () => {
    const many = Array.from({length: 25_100}, (_, index) => finding(`CVE-${index}`))
    expect(written(many).runs[0]?.results).toHaveLength(25_000)
  })
})

describe('the origin of a layer', () => {
  const dockerfile = [
    'FROM debian:12',
    '# comment',
    'ARG DIR=/app',
    'RUN apt-get update && \\',
    '    apt-get install -y openssl',
    'COPY --chown=1:1 ${DIR}/package.json /app/',
    'WORKDIR /app',
  ].join('\n')
  const history = [
    {created_by: '/bin/sh -c #(nop) ADD file:1 in /'},
    {created_by: 'ENV A=b', empty_layer: true},
    {created_by: 'RUN /bin/sh -c apt-get update &&     apt-get install -y openssl # buildkit'},
    {created_by: 'COPY /app/package.json /app/ # buildkit'},
  ]
  const config = (entries: readonly object[], ids: readonly string[]): Uint8Array =>
    Buffer.from(JSON.stringify({history: entries, rootfs: {diff_ids: ids}}))

  test('is an instruction (and its line) or "base image"', () => {
    expect([...layerOrigins(config(history, ['sha256:a', 'sha256:b', 'sha256:c']), dockerfile)]).toEqual([
      ['sha256:a', {origin: 'base image'}],
      ['sha256:b', {origin: 'RUN apt-get update && apt-get install -y openssl', line: 4}],
      ['sha256:c', {origin: 'COPY /app/package.json /app/', line: 6}],
    ])
  })

  test('is an instruction without a Dockerfile, and unknown without a history', () => {
    const origins = layerOrigins(config(history, ['sha256:a', 'sha256:b', 'sha256:c']), undefined)
    expect(origins.get('sha256:a')).toEqual({origin: 'ADD file:1 in /'})
    expect(layerOrigins(config(history, ['sha256:a']), dockerfile).size).toBe(0)
    expect(layerOrigins(Buffer.from('[]'), dockerfile).size).toBe(0)
  })
})
