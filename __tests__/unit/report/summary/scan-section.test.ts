import {expect, test} from '@jest/globals'
import {scanSections} from '../../../../src/report/summary/scan-section.ts'
import type {Report} from '../../../../src/report/report.ts'
import type {Finding} from '../../../../src/scanning/finding.ts'

function finding(id: string, change: Partial<Finding> = {}): Finding {
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
    platforms: ['linux/amd64'],
    ...change,
  }
}

function sections(findings: readonly Finding[] | undefined): readonly string[] {
  const gates = [
    {
      gate: 'scan',
      outcome: 'failed',
      reason: '1 high fails',
      durationMs: 1,
      tool: {name: 'grype', version: '0.116.1'},
      data: {date: '2026-11-29T04:00:00Z'},
      ...(findings && {findings}),
    },
  ] as const
  return scanSections({gates} as unknown as Report)
}

test('the summary of a scan has its verdict, a table by platform, and the findings', () => {
  const [verdict, platforms, listed, ignored] = sections([
    finding('CVE-1', {
      severity: 'critical',
      platforms: ['linux/amd64', 'linux/arm64'],
      origin: 'COPY a /',
      isNew: true,
    }),
    finding('GHSA-2', {aliases: ['CVE-2'], url: 'https://osv.dev/GHSA-2', isNew: false}),
    finding('CVE-3', {suppressed: 'not reachable'}),
  ])
  expect(verdict).toBe('**Scan failed** by grype 0.116.1, database of 2026-11-29: 1 high fails.')
  expect(platforms?.split('\n')).toEqual([
    '| Platform | critical | high | new |',
    '| --- | --- | --- | --- |',
    '| `linux/amd64` | 1 | 1 | 1 |',
    '| `linux/arm64` | 1 | 0 | 1 |',
  ])
  expect(listed).toContain(
    '| critical | CVE-1 | openssl 3.0.1 | 3.0.2 | `linux/amd64`, `linux/arm64` | new; `COPY a /` |',
  )
  expect(listed).toContain('| high | [GHSA-2](https://osv.dev/GHSA-2) |')
  expect(ignored).toContain('ignored: not reachable')
})

test('the summary of a scan says what is known about a fix', () => {
  const states = ['not-fixed', 'wont-fix', 'unknown', 'unstated'] as const
  const [, , listed = ''] = sections(states.map((state) => finding(state, {fixed: [], state})))
  const cells = listed
    .split('\n')
    .filter((line) => line.startsWith('| high'))
    .map((line) => line.split(' | ')[3])
  expect(new Set(cells).size).toBe(4)
  expect(cells).not.toContain('')
})

test('the summary of a scan shows no more than fifty findings, and no Markdown of a package', () => {
  const many = Array.from({length: 60}, (_, index) =>
    finding(`CVE-${index}`, {package: 'a|b](x)<img>', url: 'javascript:x'}),
  )
  const [, , listed = ''] = sections(many)
  expect(listed.split('\n').filter((line) => line.startsWith('| high'))).toHaveLength(50)
  expect(listed).toContain('and 10 more')
  expect(listed).not.toMatch(/<img>|javascript|[^\\]\|b/)
})

test('a scan that did not run has no section', () => {
  expect(sections(undefined)).toEqual([])
})
