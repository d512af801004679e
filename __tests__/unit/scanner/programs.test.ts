import {describe, expect, test} from '@jest/globals'
import {createHash} from 'node:crypto'
import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {TagboatError} from '../../../src/errors/error.ts'
import type {ScanInputs} from '../../../src/inputs/scan/scan-inputs.ts'
import type {HttpRequest, HttpResponse} from '../../../src/io/http.ts'
import {findProgram} from '../../../src/scanner/fetch-program.ts'
import {openGrype} from '../../../src/scanner/grype.ts'
import {openCommand, openService} from '../../../src/scanner/other-scanners.ts'
import {archiveAddress, pinnedReleases} from '../../../src/scanner/pinned.ts'
import type {ScannerPlace} from '../../../src/scanner/scanner.ts'
import {
  fakeIo,
  scriptedHttp,
  scriptedProcesses,
  temporaryDirectory,
  type FakeIo,
  type Script,
} from '../../../testing/fake-io.ts'

const archive = Buffer.from('an archive')
const sha256 = createHash('sha256').update(archive).digest('hex')

interface Given {
  readonly unavailable?: ScanInputs['unavailable']
  /** Whether this machine has a database; the default is true. */
  readonly hasDatabase?: boolean
  readonly source?: ScanInputs['source']
  readonly databases?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly answer?: (request: HttpRequest) => HttpResponse
  readonly program?: Script
}

interface Made {
  readonly place: ScannerPlace & {readonly io: FakeIo}
  readonly directory: string
}

async function withPlace(given: Given, body: (made: Made) => Promise<void>): Promise<void> {
  await using directory = await temporaryDirectory()
  const [work, home, bin] = ['work', 'home', 'bin'].map((name) => path.join(directory.path, name))
  if (work === undefined || home === undefined || bin === undefined) throw new Error('no directories')
  const database = path.join(directory.path, 'tools', 'tagboat', 'grype-db', '6')
  for (const one of [work, home, bin, ...(given.hasDatabase === false ? [] : [database])])
    await mkdir(one, {recursive: true})
  await writeFile(path.join(bin, 'grype'), 'a program')
  await writeFile(path.join(bin, 'snyk'), 'a program')
  const inputs: ScanInputs = {
    scanners: [{kind: 'grype'}],
    limits: {failOn: 'high', ignoreUnfixed: true, types: ['os'], onlyNew: false},
    baseline: undefined,
    ignoreFile: undefined,
    vex: [],
    databases: given.databases ?? [],
    unavailable: given.unavailable ?? 'fail',
    source: given.source ?? {kind: 'path'},
    report: undefined,
  }
  const io = fakeIo({
    environment: {
      RUNNER_OS: 'Linux',
      RUNNER_ARCH: 'X64',
      PATH: bin,
      RUNNER_TOOL_CACHE: path.join(directory.path, 'tools'),
      GITHUB_TOKEN: 'canary',
      DOCKER_CONFIG: '/home/runner/.docker',
      INPUT_PASSWORD: 'canary',
      HTTPS_PROXY: 'http://proxy:1',
      SNYK_TOKEN: 'own',
      ...given.environment,
    },
    processes: scriptedProcesses(given.program ?? (() => ({}))),
    http: () => scriptedHttp(given.answer ?? (() => ({status: 404, headers: {}, body: Buffer.of()}))),
  })
  const clients = {
    repository: () => {
      throw new Error('this test has no registry')
    },
    scheme: async () => Promise.resolve(undefined),
    [Symbol.dispose]: () => undefined,
  }
  await body({place: {inputs, directories: {work, home}, clients, io}, directory: directory.path})
}

function response(status: number, body: Buffer, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return {status, headers, body}
}

const release = {kind: 'release', version: '0.9.9', sha256} as const

describe('the program of Grype', () => {
  test('is fetched over a redirect, checked, and kept', async () => {
    const requests: string[] = []
    const answer = ({url}: HttpRequest): HttpResponse => {
      requests.push(url.href)
      return url.host === 'github.com'
        ? response(302, Buffer.of(), {location: 'https://cdn.example/a'})
        : response(200, archive)
    }
    await withPlace({source: release, answer}, async ({place}) => {
      expect((await findProgram('grype', place)).tool).toMatchObject({version: '0.9.9', sha256})
      expect((await findProgram('grype', place)).tool).toMatchObject({sha256})
      expect(requests).toEqual([archiveAddress('grype', '0.9.9', 'x64').href, 'https://cdn.example/a'])
      expect(place.io.processes.commands.map(({file}) => file)).toEqual(['tar', 'tar'])
    })
  })

  test.each<{name: string; given: Given; code: string; runs: number}>([
    {
      name: 'with another hash',
      given: {source: release, answer: () => response(200, Buffer.from('another'))},
      code: 'scanner-mismatch',
      runs: 0,
    },
    {name: 'that does not exist', given: {source: release}, code: 'scanner-missing', runs: 0},
    {
      name: 'behind a redirect to plain HTTP',
      given: {source: release, answer: () => response(302, Buffer.of(), {location: 'http://cdn.example/a'})},
      code: 'scanner-missing',
      runs: 0,
    },
    {
      name: 'behind endless redirects',
      given: {source: release, answer: () => response(302, Buffer.of(), {location: 'https://cdn.example/a'})},
      code: 'scanner-missing',
      runs: 0,
    },
    {
      name: 'for a machine without releases',
      given: {source: release, environment: {RUNNER_OS: 'Windows'}},
      code: 'scanner-missing',
      runs: 0,
    },
    {name: 'missing from PATH', given: {environment: {PATH: '/nonexistent'}}, code: 'scanner-missing', runs: 0},
    {
      name: 'in an archive that cannot be unpacked',
      given: {
        source: release,
        answer: () => response(200, archive),
        program: () => ({exitCode: 2, stderr: 'not gzip'}),
      },
      code: 'scanner-missing',
      runs: 1,
    },
  ])('$name is refused', async ({given, code, runs}) => {
    await withPlace(given, async ({place}) => {
      await expect(findProgram('grype', place)).rejects.toMatchObject({code})
      expect(place.io.processes.commands).toHaveLength(runs)
    })
  })

  test('comes from PATH elsewhere', async () => {
    await withPlace({source: {kind: 'pinned'}, environment: {RUNNER_OS: 'macOS'}}, async ({place}) => {
      const {file, tool} = await findProgram('grype', place)
      expect(path.basename(file)).toBe('grype')
      expect(tool.sha256).toBe(createHash('sha256').update('a program').digest('hex'))
    })
  })

  test('has hashes of SHA-256', () => {
    const hashes = Object.values(pinnedReleases).flatMap((one) => Object.values(one.sha256))
    expect(hashes.filter((hash) => !/^[0-9a-f]{64}$/.test(hash))).toEqual([])
    expect(new Set(hashes).size).toBe(4)
  })
})

describe('databases', () => {
  const sources = ['https://one.example/', 'https://two.example/']

  test('comes from the first source that answers', async () => {
    const program: Script = ({env}) => ({exitCode: env['GRYPE_DB_UPDATE_URL'] === sources[1] ? 0 : 1})
    await withPlace({databases: sources, program}, async ({place}) => {
      await openGrype(place)
      const {commands} = place.io.processes
      expect(commands.map(({args, env}) => [args.join(' '), env['GRYPE_DB_UPDATE_URL']])).toEqual([
        ['db update', sources[0]],
        ['db update', sources[0]],
        ['db update', sources[1]],
      ])
      expect(commands.map(({env}) => env['HTTPS_PROXY'])).toEqual(Array(3).fill('http://proxy:1'))
    })
  })

  test('is that of this machine, with a notice, if no source answers', async () => {
    const program: Script = ({args}) => ({exitCode: args[1] === 'status' ? 0 : 1, stderr: 'timeout'})
    await withPlace({program}, async ({place}) => {
      await openGrype(place)
      expect(place.io.workflow.log).toEqual([expect.stringMatching(/^notice: .*timeout/)])
    })
  })

  test('is missing if that is not valid either', async () => {
    await withPlace({databases: ['local'], program: () => ({exitCode: 1, stderr: 'too old'})}, async ({place}) => {
      await expect(openGrype(place)).rejects.toMatchObject({
        code: 'scan-database-missing',
        evidence: [expect.stringContaining('too old')],
      })
      expect(place.io.processes.commands.map(({args}) => args)).toEqual([['db', 'status']])
    })
  })
})

describe('a database that may only be local', () => {
  const given = {databases: ['local'], hasDatabase: false} as const

  async function failureOf(changes: Given): Promise<TagboatError> {
    let failure: unknown
    await withPlace({...given, ...changes}, async ({place}) => {
      failure = await openGrype(place).catch((error: unknown) => error)
      expect(place.io.processes.commands).toEqual([])
    })
    if (!(failure instanceof TagboatError)) throw new Error('no failure')
    return failure
  }

  test('is missed before anything runs, with its directory', async () => {
    const {code, evidence, remedy} = await failureOf({})
    expect(code).toBe('scan-database-missing')
    expect(evidence).toEqual([expect.stringContaining('grype-db')])
    expect(remedy).toContain('grype db update')
    expect(remedy).toContain('scan-unavailable')
  })

  test('has no remedy that is set already', async () => {
    expect((await failureOf({unavailable: 'warn'})).remedy).not.toContain('scan-unavailable')
  })

  test('is not missed before the program', async () => {
    expect((await failureOf({environment: {PATH: '/nonexistent'}})).code).toBe('scanner-missing')
  })
})

test('a source that fails twice in the same way is reported once', async () => {
  const program: Script = ({args}) => ({exitCode: args[1] === 'status' ? 0 : 1, stderr: 'timeout'})
  await withPlace({program}, async ({place}) => {
    await openGrype(place)
    expect(place.io.workflow.log.join().split('timeout')).toHaveLength(2)
  })
})

test.each<{name: string; program: Script}>([
  {name: 'writes no report', program: () => ({})},
  {name: 'fails', program: () => ({exitCode: 3})},
])('a command that $name has its own remedy', async ({program}) => {
  await withPlace({program}, async ({place, directory}) => {
    const scanner = await openCommand('run', 'true', place)
    const platform = {os: 'linux', architecture: 'amd64'} as const
    const output = path.join(directory, 'report')
    const scanned = scanner.scan({reference: 'x', platform, digest: `sha256:${'0'.repeat(64)}`, output})
    await expect(scanned).rejects.toMatchObject({code: 'scan-failed', remedy: expect.stringContaining('$SCAN_OUTPUT')})
  })
})

describe('the environment of a scanner', () => {
  const target = {
    reference: '127.0.0.1:1/staged@sha256:0',
    platform: {os: 'linux', architecture: 'amd64'},
    digest: `sha256:${'0'.repeat(64)}`,
    output: '/nonexistent/report',
  } as const

  test('of Grype has no secret', async () => {
    await withPlace({databases: ['local']}, async ({place}) => {
      const scanner = await openGrype(place)
      await expect(scanner.scan(target)).rejects.toMatchObject({code: 'scan-failed'})
      const env = place.io.processes.commands.at(-1)?.env ?? {}
      expect(
        Object.keys(env)
          .filter((name) => !name.startsWith('GRYPE_'))
          .sort(),
      ).toEqual(['HOME', 'PATH', 'TAGBOAT_RUN', 'TEMP', 'TMP', 'TMPDIR', 'USERPROFILE'])
      expect(JSON.stringify(place.io.processes.commands)).not.toContain('canary')
    })
  })

  test('of Snyk has its own token only', async () => {
    await withPlace({}, async ({place}) => {
      const scanner = await openService('snyk', place)
      await expect(scanner.scan(target)).rejects.toMatchObject({code: 'scan-failed'})
      const [command] = place.io.processes.commands
      expect(command?.env['SNYK_TOKEN']).toBe('own')
      expect(JSON.stringify(command)).not.toContain('canary')
      expect(command?.args).toContain('--platform=linux/amd64')
    })
  })
})
