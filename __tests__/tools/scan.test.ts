import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {access, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {errorsIn} from '../../testing/runner-log.ts'
import {stepOn, type Push} from '../../testing/pushes.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import type {StepResult} from '../../testing/runner.ts'
import {publishTo} from '../../testing/sample.ts'
import {scannedFiles, serveDatabase, writeDatabase} from '../../testing/scanned.ts'
import {workspaceOf, type Workspace} from '../../testing/workspace.ts'

/** The real Grype with a small database, on images with real vulnerabilities. */
const login = {username: 'robot', password: 'a-fair-wind'}
const openssl = 'CVE-2024-5535'
const tar = 'CVE-2005-2541'

let registry: Registry
let workspace: Workspace
let databases: string

beforeAll(async () => {
  databases = await mkdtemp(path.join(tmpdir(), 'tagboat-grype-'))
  ;[registry, workspace] = await Promise.all([
    startRegistry({login}),
    workspaceOf(scannedFiles),
    writeDatabase(databases),
  ])
})

afterAll(async () => {
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose](), rm(databases, {recursive: true, force: true})])
})

type Inputs = Readonly<Record<string, string>>

interface Run {
  readonly action?: 'stage' | 'promote'
  readonly env?: Readonly<Record<string, string | undefined>>
}

async function run(repository: string, version: string, inputs: Inputs, {action, env}: Run = {}): Promise<StepResult> {
  const push: Push = {ref: `refs/tags/v${version}`, sha: version.replaceAll('.', '').padEnd(40, '0'), runId: '950'}
  await using step = await stepOn(push, {
    ...(action && {action}),
    workspace: workspace.directory,
    env: {GRYPE_DB_CACHE_DIR: databases, GRYPE_DB_VALIDATE_AGE: 'false', ...env},
    inputs: {
      ...publishTo(registry.host, login),
      images: `${registry.host}/${repository}`,
      ...(action === 'promote' ? {} : {platforms: 'linux/amd64,linux/arm64'}),
      scan: 'grype',
      'scan-scanner': 'path',
      'scan-database': 'local',
      ...inputs,
    },
  })
  return await step.run()
}

interface Gate {
  readonly gate: string
  readonly outcome: string
  readonly findings?: readonly {readonly id: string; readonly platforms: readonly string[]}[]
}

function scanOf({outputs}: StepResult): Gate | undefined {
  const gates = JSON.parse(outputs.get('gates') ?? '[]') as readonly Gate[]
  return gates.find(({gate}) => gate === 'scan')
}

/** Error of the run, after the annotations of single findings. */
function errorOf({log}: StepResult): string {
  return errorsIn(log).at(-1) ?? ''
}

function expectError(result: StepResult, code: string, values: readonly string[]): void {
  expect(result.exitCode).toBe(1)
  expect(errorOf(result)).toContain(`[${code}]`)
  for (const value of values) expect(errorOf(result)).toContain(value)
}

describe('a scan before the tags', () => {
  test('finds what one platform has, and no tag moves', async () => {
    const report = await mkdtemp(path.join(databases, 'report-'))
    const result = await run('team/found', '1.0.0', {'scan-report': report})
    expectError(result, 'scan-found', [openssl, 'openssl', '3.0.15-1~deb12u1', 'linux/amd64'])
    expect(await registry.tags('team/found')).toEqual([])
    expect(scanOf(result)).toMatchObject({
      outcome: 'failed',
      tool: {name: 'grype', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown},
      findings: [
        {
          id: openssl,
          platforms: ['linux/amd64'],
          severity: 'critical',
          origin: expect.stringContaining('COPY vulnerable') as unknown,
        },
        {id: tar, platforms: ['linux/amd64', 'linux/arm64'], state: 'wont-fix'},
      ],
    })
    const sarif = JSON.parse(await readFile(result.outputs.get('scan-sarif') ?? '', 'utf8')) as {
      runs: {results: {ruleId: string; locations: unknown}[]}[]
    }
    expect(sarif.runs.map(({results}) => results.map(({ruleId}) => ruleId))).toEqual([[openssl, tar]])
    expect((await readdir(report)).sort()).toEqual(['grype-linux-amd64.json', 'grype-linux-arm64.json', 'scan.sarif'])
    expect(result.log).toMatch(/^::error .*file=Dockerfile,line=3.*CVE-2024-5535/m)
    expect(result.summary).toMatch(/\| critical \| \[?CVE-2024-5535/)
    expect(result.log).toMatch(/^scan {2}linux\/amd64 {2}grype.*database of 20\d\d-.*: 1 critical, 1 high$/m)
  })

  test('passes with the fix, since what has no fix fails nothing', async () => {
    const result = await run('team/fixed', '1.0.0', {'build-args': 'SYSTEM=fixed'})
    expect(result.exitCode).toBe(0)
    expect(scanOf(result)).toMatchObject({outcome: 'passed', findings: [{id: tar}]})
    expect(await registry.tags('team/fixed')).toContain('1.0.0')
    const strict = await run('team/fixed', '1.0.1', {'build-args': 'SYSTEM=fixed', 'scan-ignore-unfixed': 'false'})
    expectError(strict, 'scan-found', [tar])
    expect(await registry.tags('team/fixed')).not.toContain('1.0.1')
  })

  test('passes with a finding that the previous image has, and fails for a new one', async () => {
    const first = await run('team/base', '1.0.0', {'scan-fail-on': 'none'})
    expect(first.exitCode).toBe(0)
    const same = await run('team/base', '1.0.1', {'scan-only-new': 'true'})
    expect(same.exitCode).toBe(0)
    expect(scanOf(same)).toMatchObject({
      limits: {'scan-baseline': `${registry.host}/team/base:1.0`},
      findings: [{id: openssl, isNew: false}, {id: tar}],
    })
    const worse = await run('team/base', '1.0.2', {'scan-only-new': 'true', 'build-args': 'LODASH=4.17.11'})
    expectError(worse, 'scan-found', ['CVE-2019-10744', 'lodash', '4.17.12'])
    expect(errorOf(worse)).not.toContain(openssl)
    const half = {'build-args': 'LODASH=4.17.20', 'scan-baseline': `${registry.host}/team/base:1.0.0`}
    expectError(await run('team/base', '1.0.3', {...half, 'scan-only-new': 'true'}), 'scan-found', ['CVE-2021-23337'])
    expect(await registry.tags('team/base')).toEqual(expect.not.arrayContaining(['1.0.2', '1.0.3']))
  })

  test('holds for stage, promote and an existing release', async () => {
    const unscanned = {scan: '', 'scan-scanner': '', 'scan-database': ''}
    const staged = await run('team/flow', '1.0.0', unscanned, {action: 'stage'})
    const digests = staged.outputs.get('digest') ?? ''
    expectError(await run('team/flow', '1.0.0', {}, {action: 'stage'}), 'scan-found', [openssl])
    expectError(await run('team/flow', '1.0.0', {digests}, {action: 'promote'}), 'scan-found', [openssl])
    expect(await registry.tags('team/flow')).toEqual([])
    const promoted = await run('team/flow', '1.0.0', {digests, 'scan-fail-on': 'none'}, {action: 'promote'})
    expect(promoted.exitCode).toBe(0)
    expect(scanOf(promoted)).toMatchObject({outcome: 'passed', findings: [{id: openssl}, {id: tar}]})
    const again = await run('team/flow', '1.0.0', {tags: '1.0.0\nstable', flavor: 'latest=false'})
    expectError(again, 'scan-found', [openssl])
    expect(await registry.tags('team/flow')).not.toContain('stable')
  })

  test('is not repeated for the same tags, which a notice says', async () => {
    const first = await run('team/again', '1.0.0', {'scan-fail-on': 'none', platforms: 'linux/amd64'})
    expect(first.exitCode).toBe(0)
    const again = await run('team/again', '1.0.0', {platforms: 'linux/amd64'})
    expect(again.exitCode).toBe(0)
    expect(scanOf(again)).toBeUndefined()
    expect(again.log).toMatch(/^::notice::.*not scanned/m)
  })

  test('uses and shows ignore rules', async () => {
    const ignore = path.join(databases, 'ignore.yaml')
    await writeFile(ignore, `ignore:\n  - vulnerability: ${openssl}\n    reason: not reachable\n`)
    const result = await run('team/ignored', '1.0.0', {'scan-ignore-file': ignore})
    expect(result.exitCode).toBe(0)
    expect(scanOf(result)?.findings).toContainEqual(expect.objectContaining({id: openssl, suppressed: 'not reachable'}))
  })
})

test('names all files that do not exist, before the build', async () => {
  const inputs = {'scan-ignore-file': '.grypeignore', 'scan-vex': 'vex.json', 'scan-report': 'Dockerfile'}
  const result = await run('team/files', '1.0.0', inputs)
  expectError(result, 'input-invalid', ['.grypeignore', 'vex.json', 'Dockerfile'])
  expect(result.log).not.toContain('Publishing')
})

describe('the database', () => {
  test('comes from the next source, if the first one is broken', async () => {
    await using server = await serveDatabase(databases)
    const cache = await mkdtemp(path.join(databases, 'fetched-'))
    const inputs = {'scan-database': `${server.broken}\n${server.working}`}
    const result = await run('team/fetched', '1.0.0', inputs, {env: {GRYPE_DB_CACHE_DIR: cache}})
    expectError(result, 'scan-found', [openssl])
    expect(scanOf(result)).toMatchObject({data: {source: expect.stringContaining('/working/v6/') as unknown}})
    expect(server.requests[0]).toContain('/broken/')
    // The next run has the database.
    const offline = await run(
      'team/fetched',
      '1.0.1',
      {'scan-database': server.broken},
      {env: {GRYPE_DB_CACHE_DIR: cache}},
    )
    expectError(offline, 'scan-found', [openssl])
    expect(offline.log).toMatch(/^::notice::.*\/broken/m)
  })
})

describe('a scanner that cannot be had', () => {
  const empty = {GRYPE_DB_CACHE_DIR: '/nonexistent/grype'}

  test('needs its program before building', async () => {
    const result = await run('team/none', '1.0.0', {}, {env: {PATH: await pathWithout('grype')}})
    expectError(result, 'scanner-missing', ['grype'])
    expect(result.outputs.get('digest')).toBe('')
  })

  test('fails without a database, and is skipped with scan-unavailable', async () => {
    const missing = await run('team/none', '1.0.0', {}, {env: empty})
    expectError(missing, 'scan-database-missing', ['database', '/nonexistent/grype', 'grype db update'])
    // It is known before the build.
    expect(missing.outputs.get('digest')).toBe('')
    expect(await registry.tags('team/none')).toEqual([])
    const skipped = await run('team/none', '1.0.0', {'scan-unavailable': 'warn'}, {env: empty})
    expect(skipped.exitCode).toBe(0)
    expect(skipped.log).toMatch(/^::warning::.*scan-database-missing/m)
    expect(scanOf(skipped)).toMatchObject({outcome: 'skipped', reason: expect.stringContaining('database') as unknown})
    expect(skipped.summary).not.toContain('[scan-database-missing')
    expect(await registry.tags('team/none')).toContain('1.0.0')
  })
})

describe('the program of a scan', () => {
  test('gets neither logins nor tokens, and sees one platform of one image', async () => {
    const seen = path.join(databases, 'seen')
    const command = [
      `env | sort > ${seen}-$(echo $PLATFORM | tr / -)`,
      'HOST=\${IMAGE%%/*}; ID=\${IMAGE##*@}',
      `curl -s -o /dev/null -w '%{http_code}\\n' http://$HOST/v2/staged/manifests/$ID >> ${seen}`,
      `curl -s -o /dev/null -w '%{http_code}\\n' http://$HOST/v2/staged/tags/list >> ${seen}`,
      `curl -s -o /dev/null -w '%{http_code}\\n' http://$HOST/v2/_catalog >> ${seen}`,
      `curl -s -o /dev/null -w '%{http_code}\\n' -X DELETE http://$HOST/v2/staged/manifests/$ID >> ${seen}`,
      `echo '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"own"}},"results":[]}]}' > $SCAN_OUTPUT`,
    ].join('; ')
    const result = await run('team/run', '1.0.0', {
      ...ofCommand(command),
      platforms: 'linux/amd64',
    })
    expect(result.exitCode).toBe(0)
    expect((await readFile(seen, 'utf8')).trim().split('\n')).toEqual(['200', '404', '404', '404'])
    const names = (await readFile(`${seen}-linux-amd64`, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0])
    expect(names.filter((name) => !shellVariables.has(name ?? ''))).toEqual([
      'HOME',
      'IMAGE',
      'PATH',
      'PLATFORM',
      'SCAN_OUTPUT',
      'TAGBOAT_RUN',
      'TEMP',
      'TMP',
      'TMPDIR',
      'USERPROFILE',
    ])
  })

  test('may report what is in no package, under its own name', async () => {
    const sarif = {
      version: '2.1.0',
      runs: [
        {
          tool: {driver: {name: 'Own', rules: [{id: 'R1'}]}},
          results: ['a key is in /a', 'a key is in /b'].map((text) => ({
            ruleId: 'R1',
            level: 'error',
            message: {text},
          })),
        },
      ],
    }
    const command = `cat > $SCAN_OUTPUT <<'END'\n${JSON.stringify(sarif)}\nEND`
    const result = await run('team/own', '1.0.0', {...ofCommand(command), platforms: 'linux/amd64'})
    expectError(result, 'scan-found', ['high: R1: a key is in /a', 'high: R1: a key is in /b', 'run='])
    expect(scanOf(result)).toMatchObject({tool: {name: 'own'}})
    // It is about the image, not about a line of the Dockerfile.
    expect(result.log).toMatch(/^::error title=R1::/m)
    const silent = await run('team/own', '1.0.0', {...ofCommand('true'), platforms: 'linux/amd64'})
    expectError(silent, 'scan-failed', ['$SCAN_OUTPUT'])
  })

  test('cannot pass a report about another platform', async () => {
    const report = JSON.stringify({
      matches: [],
      source: {target: {manifestDigest: `sha256:${'0'.repeat(64)}`, os: 'linux', architecture: 'amd64'}},
      descriptor: {name: 'grype', version: '0.0.0'},
    })
    const programs = await mkdtemp(path.join(databases, 'programs-'))
    // A stand-in: the real Grype reports the image that it got.
    const script = `#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" = --file ] && echo '${report}' > "$2"; shift; done\n`
    await writeFile(path.join(programs, 'grype'), script, {mode: 0o755})
    const env = {PATH: `${programs}:${process.env['PATH'] ?? ''}`}
    expectError(await run('team/other', '1.0.0', {}, {env}), 'scan-failed', ['linux/', '0000'])
    expect(await registry.tags('team/other')).toEqual([])
  })
})

/** Inputs of a scan by a command. */
function ofCommand(command: string): Inputs {
  return {scan: `"run=${command.replaceAll('"', '""')}"`, 'scan-scanner': '', 'scan-database': ''}
}

/** Variables that bash sets itself. */
const shellVariables: ReadonlySet<string> = new Set(['PWD', 'OLDPWD', 'SHLVL', '_'])

/** PATH without the folders of a program. */
async function pathWithout(program: string): Promise<string> {
  const folders = (process.env['PATH'] ?? '').split(':')
  const has = await Promise.all(
    folders.map(async (folder) =>
      access(path.join(folder, program)).then(
        () => true,
        () => false,
      ),
    ),
  )
  return folders.filter((_, index) => has[index] !== true).join(':')
}
