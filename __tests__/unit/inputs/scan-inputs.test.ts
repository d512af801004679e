import {describe, expect, test} from '@jest/globals'
import type {Inputs} from '../../../src/inputs/inputs.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'

type Given = Readonly<Record<string, string>>

async function read(given: Given): Promise<{readonly scan: Inputs['scan']; readonly problems: Problems}> {
  const problems = new Problems()
  const {scan} = await readInputs(new Map(Object.entries(given)), problems)
  return {scan, problems}
}

const digest = `sha256:${'a'.repeat(64)}`

describe('the inputs of a scan', () => {
  test('have defaults', async () => {
    const {scan, problems} = await read({scan: 'grype'})
    expect(problems.all).toEqual([])
    expect(scan).toEqual({
      scanners: [{kind: 'grype'}],
      limits: {failOn: 'high', ignoreUnfixed: true, types: ['os', 'library'], onlyNew: false},
      baseline: undefined,
      ignoreFile: undefined,
      vex: [],
      databases: [],
      unavailable: 'fail',
      source: {kind: 'pinned'},
      report: undefined,
    })
  })

  test.each<{name: string; given: Given; expected: object}>([
    {
      name: 'several scanners, one of them a command',
      given: {scan: 'Grype\nrun=own "$IMAGE" > $SCAN_OUTPUT'},
      expected: {scanners: [{kind: 'grype'}, {kind: 'run', command: 'own "$IMAGE" > $SCAN_OUTPUT'}]},
    },
    {
      name: 'names with commas between them, and a command with commas',
      given: {scan: 'grype, trivy\nsnyk,\nrun=own --types os,library'},
      expected: {
        scanners: [{kind: 'grype'}, {kind: 'trivy'}, {kind: 'snyk'}, {kind: 'run', command: 'own --types os,library'}],
      },
    },
    {name: 'another severity', given: {'scan-fail-on': 'Critical'}, expected: {limits: {failOn: 'critical'}}},
    {name: 'one type', given: {'scan-types': 'library'}, expected: {limits: {types: ['library']}}},
    {
      name: 'a baseline by tag',
      given: {'scan-baseline': 'ghcr.io/o/app:1.2'},
      expected: {baseline: {kind: 'tag', reference: {tag: '1.2'}}},
    },
    {
      name: 'a baseline by digest',
      given: {'scan-baseline': `localhost:5000/app:1.2@${digest}`},
      expected: {baseline: {kind: 'digest', repository: {host: 'localhost:5000', path: 'app'}, digest}},
    },
    {
      name: 'sources of databases',
      given: {
        scan: 'grype, Trivy',
        'scan-database': `https://grype.example/databases\nghcr.io/a/trivy-db@${digest}\nlocal`,
      },
      expected: {databases: ['https://grype.example/databases', `ghcr.io/a/trivy-db@${digest}`, 'local']},
    },
    {
      name: 'a release',
      given: {'scan-scanner': `v0.115.0 SHA256:${'B'.repeat(64)}`},
      expected: {source: {kind: 'release', version: '0.115.0', sha256: 'b'.repeat(64)}},
    },
    {name: 'the program of the PATH', given: {'scan-scanner': 'PATH'}, expected: {source: {kind: 'path'}}},
  ])('are $name', async ({given, expected}) => {
    const {scan, problems} = await read({scan: 'grype', ...given})
    expect(problems.all).toEqual([])
    expect(scan).toMatchObject(expected)
  })

  test.each<{name: string; given: Given; input: string; line?: number; column?: number}>([
    {name: 'an unknown scanner', given: {scan: 'grype\nclair'}, input: 'scan', line: 2},
    {name: 'an unknown scanner after a comma', given: {scan: 'grype, clair'}, input: 'scan', line: 1, column: 8},
    {name: 'a command after a comma', given: {scan: 'grype,run=own'}, input: 'scan', line: 1, column: 7},
    {name: 'a program for a command', given: {scan: 'run=own', 'scan-scanner': 'path'}, input: 'scan-scanner'},
    {name: 'a database for a command', given: {scan: 'run=own', 'scan-database': 'local'}, input: 'scan-database'},
    {name: 'an ignore file for Snyk', given: {scan: 'snyk', 'scan-ignore-file': 'x'}, input: 'scan-ignore-file'},
    {name: 'VEX documents for a command', given: {scan: 'run=own', 'scan-vex': 'y.json'}, input: 'scan-vex'},
    {
      name: 'a repository for Grype',
      given: {scan: 'grype', 'scan-database': 'local\nghcr.io/a/trivy-db:2'},
      input: 'scan-database',
      line: 2,
    },
    {
      name: 'an address for Trivy',
      given: {scan: 'trivy', 'scan-database': 'https://grype.example/'},
      input: 'scan-database',
      line: 1,
    },
    {
      name: 'one release for two scanners',
      given: {scan: 'grype,trivy', 'scan-scanner': `0.115.0 sha256:${'b'.repeat(64)}`},
      input: 'scan-scanner',
    },
    {name: 'a command without text', given: {scan: 'run='}, input: 'scan', line: 1},
    {name: 'an unknown severity', given: {scan: 'grype', 'scan-fail-on': 'severe'}, input: 'scan-fail-on'},
    {name: 'an unknown type', given: {scan: 'grype', 'scan-types': 'os,npm'}, input: 'scan-types', line: 1},
    {
      name: 'a baseline without a tag',
      given: {scan: 'grype', 'scan-baseline': 'a/b@sha256:12'},
      input: 'scan-baseline',
    },
    {name: 'a word as a database', given: {scan: 'trivy', 'scan-database': 'mirror'}, input: 'scan-database', line: 1},
    {
      name: 'an address with a password',
      given: {scan: 'grype', 'scan-database': 'https://user:secret@grype.example/'},
      input: 'scan-database',
      line: 1,
    },
    {name: 'a version without a hash', given: {scan: 'grype', 'scan-scanner': '0.115.0'}, input: 'scan-scanner'},
    {name: 'a limit without a scanner', given: {'scan-fail-on': 'low'}, input: 'scan-fail-on'},
    {name: 'a baseline without a scanner', given: {'scan-baseline': 'a/b:1'}, input: 'scan-baseline'},
  ])('refuse $name', async ({given, input, line, column}) => {
    const {problems} = await read(given)
    const place = {...(line !== undefined && {line}), ...(column !== undefined && {column})}
    expect(problems.all).toEqual([expect.objectContaining({input, ...place})])
    expect(problems.all.map(({message}) => message).join()).not.toContain('secret')
  })

  test('remark on a baseline that lets nothing pass', async () => {
    const {problems} = await read({scan: 'grype', 'scan-baseline': 'a/b:1'})
    expect(problems.all).toEqual([])
    expect(problems.notices).toEqual([expect.objectContaining({input: 'scan-baseline'})])
    expect((await read({scan: 'grype', 'scan-baseline': 'a/b:1', 'scan-only-new': 'true'})).problems.notices).toEqual(
      [],
    )
  })

  test('are absent without a scanner', async () => {
    expect((await read({})).scan).toBeUndefined()
  })
})
