import {expect, test} from '@jest/globals'
import {existsSync} from 'node:fs'
import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import type {ScanInputs} from '../../../src/inputs/scan/scan-inputs.ts'
import {digestOf, type Digest} from '../../../src/oci/digest.ts'
import {formatRepository, type Repository} from '../../../src/oci/reference.ts'
import {openTrivy} from '../../../src/scanner/trivy.ts'
import type {Scanner} from '../../../src/scanner/scanner.ts'
import {fakeIo, scriptedProcesses, temporaryDirectory, type FakeIo} from '../../../testing/fake-io.ts'
import {repositoryDoubles} from '../../../testing/repository-doubles.ts'

/** Stand-ins for Trivy and tar: Trivy itself cannot be compiled in the tests, and its databases are on other hosts. */
const layer = Buffer.from('an archive of trivy.db and metadata.json')
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {mediaType: 'application/vnd.aquasec.trivy.config.v1+json', digest: digestOf(Buffer.from('{}')), size: 2},
    layers: [
      {mediaType: 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip', digest: digestOf(layer), size: layer.length},
    ],
  }),
)
const database = digestOf(manifest)
const target = {
  reference: '127.0.0.1:1/staged@sha256:0',
  platform: {os: 'linux', architecture: 'arm64'},
  digest: `sha256:${'1'.repeat(64)}`,
} as const

interface Given {
  readonly databases?: readonly string[]
  /** Repositories with the database. */
  readonly has?: readonly string[]
  /** Next update of the database on this machine; absent without one. */
  readonly kept?: string
  /** Whether only the metadata of that database exist. */
  readonly isPart?: boolean
  /** Next update of the database for Java on this machine; absent without one. */
  readonly keptJava?: string
  /** Whether the image has Java archives. */
  readonly hasJava?: boolean
  /** Whether the program is missing. */
  readonly isMissing?: boolean
}

interface Opened {
  readonly scanner: Scanner
  readonly io: FakeIo
  readonly directory: string
  /** Queried repositories, in order. */
  readonly asked: readonly string[]
}

async function withTrivy(given: Given, body: (opened: Opened) => Promise<void>): Promise<void> {
  await using directory = await temporaryDirectory()
  const [work, home, bin, cache] = ['work', 'home', 'bin', 'cache'].map((name) => path.join(directory.path, name))
  if (work === undefined || home === undefined || bin === undefined || cache === undefined)
    throw new Error('no directories')
  for (const one of [work, home, bin]) await mkdir(one, {recursive: true})
  if (given.isMissing !== true) await writeFile(path.join(bin, 'trivy'), 'a program')
  const keep = async (folder: string, file: string, next: string): Promise<void> => {
    await mkdir(path.join(cache, folder), {recursive: true})
    await writeFile(path.join(cache, folder, 'metadata.json'), metadata(next))
    if (given.isPart !== true) await writeFile(path.join(cache, folder, file), 'kept')
  }
  const metadata = (next: string): string => JSON.stringify({NextUpdate: next, UpdatedAt: '2026-01-01T00:00:00Z'})
  if (given.kept !== undefined) await keep('db', 'trivy.db', given.kept)
  if (given.keptJava !== undefined) await keep('java-db', 'trivy-java.db', given.keptJava)
  const io = fakeIo({
    environment: {PATH: bin, TRIVY_CACHE_DIR: cache, GITHUB_TOKEN: 'canary'},
    processes: scriptedProcesses(async ({file, args}) => {
      if (file === 'tar') {
        const to = args[args.indexOf('-C') + 1] ?? ''
        const database = args.find((arg) => arg.endsWith('.db')) ?? ''
        await writeFile(path.join(to, database), await readFile(args[args.indexOf('-xzf') + 1] ?? ''))
        await writeFile(path.join(to, 'metadata.json'), metadata('2026-02-01T00:00:00Z'))
      } else if (given.hasJava === true && !existsSync(path.join(cache, 'java-db', 'trivy-java.db'))) {
        return {exitCode: 1, stderr: 'FATAL Java DB error: the database does not exist, --skip-java-db-update'}
      } else {
        const report = {
          SchemaVersion: 2,
          ArtifactType: 'container_image',
          Metadata: {ImageConfig: {os: 'linux', architecture: 'arm64'}, RepoDigests: [`x@${target.digest}`]},
          Results: [],
        }
        await writeFile(args[args.indexOf('--output') + 1] ?? '', JSON.stringify(report))
      }
      return {}
    }),
  })
  const doubles = repositoryDoubles()
  for (const name of given.has ?? []) {
    const {manifests, blobs} = doubles.repository(name)
    const content = {digest: database, mediaType: 'application/vnd.oci.image.manifest.v1+json', bytes: manifest}
    manifests.set(name.includes('java') ? '1' : '2', content)
    manifests.set(database, content)
    blobs.set(digestOf(layer), layer)
  }
  const asked: string[] = []
  const clients = {
    repository: (repository: Repository) => {
      asked.push(formatRepository(repository))
      return doubles.repository(formatRepository(repository))
    },
    scheme: async () => Promise.resolve(undefined),
    [Symbol.dispose]: () => undefined,
  }
  const inputs: ScanInputs = {
    scanners: [{kind: 'trivy'}],
    limits: {failOn: 'high', ignoreUnfixed: true, types: ['os'], onlyNew: false},
    baseline: undefined,
    ignoreFile: undefined,
    vex: ['vex.json'],
    databases: given.databases ?? [],
    unavailable: 'fail',
    source: {kind: 'path'},
    report: undefined,
  }
  const opening = openTrivy({inputs, directories: {work, home}, clients, io})
  if (given.isMissing === true) {
    // The directories are removed when it has failed.
    await expect(opening).rejects.toMatchObject({code: 'scanner-missing'})
    if (given.has !== undefined) expect(await readFile(path.join(cache, 'db', 'trivy.db'))).toEqual(layer)
    return
  }
  const scanner = await opening
  await body({scanner, io, directory: directory.path, asked})
  // What was unpacked is moved, not copied.
  expect((await readdir(work)).filter((name) => name.endsWith('-new'))).toEqual([])
}

/** Repositories with the database for Java that were queried. */
function javaOf(asked: readonly string[]): readonly string[] {
  return asked.filter((name) => name.includes('java'))
}

const repositories = ['mirror.gcr.io/aquasec/trivy-db', 'mirror.gcr.io/aquasec/trivy-java-db']

test('the database for Java is pulled once if an image needs it, and every platform is scanned again', async () => {
  await withTrivy({has: repositories, hasJava: true}, async ({scanner, asked, directory, io}) => {
    expect(javaOf(asked)).toEqual([])
    const reports = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => scanner.scan({...target, output: path.join(directory, name)})),
    )
    expect(reports.map(({findings}) => findings)).toEqual([[], [], []])
    expect(javaOf(asked)).toEqual(repositories.slice(1))
    expect(await readFile(path.join(directory, 'cache', 'java-db', 'trivy-java.db'))).toEqual(layer)
    expect(io.processes.commands.filter(({file}) => file.endsWith('trivy'))).toHaveLength(6)
  })
})

test('the database for Java that no repository has fails the scan of every platform', async () => {
  await withTrivy({has: repositories.slice(0, 1), hasJava: true}, async ({scanner, directory}) => {
    const scans = await Promise.allSettled(
      ['a', 'b'].map(async (name) => scanner.scan({...target, output: path.join(directory, name)})),
    )
    const missing: unknown = expect.objectContaining({code: 'scan-database-missing'})
    expect(scans).toEqual([
      {status: 'rejected', reason: missing},
      {status: 'rejected', reason: missing},
    ])
  })
})

test.each([
  {name: 'old', keptJava: '2025-01-01T00:00:00Z', pulled: repositories.slice(1), content: layer},
  {name: 'current', keptJava: '2026-03-01T00:00:00Z', pulled: [], content: Buffer.from('kept')},
])('the database for Java on this machine is $name', async ({keptJava, pulled, content}) => {
  await withTrivy({has: repositories, keptJava}, async ({asked, directory}) => {
    expect(javaOf(asked)).toEqual(pulled)
    expect(await readFile(path.join(directory, 'cache', 'java-db', 'trivy-java.db'))).toEqual(content)
  })
})

test('half a database, as after a kill, is replaced', async () => {
  await withTrivy({has: repositories, kept: '2026-03-01T00:00:00Z', isPart: true}, async ({scanner, directory}) => {
    expect(scanner.data).toMatchObject({digest: database})
    expect(await readFile(path.join(directory, 'cache', 'db', 'trivy.db'))).toEqual(layer)
    expect(await readdir(path.join(directory, 'cache'))).toEqual(['db'])
  })
})

test('a missing program is reported when the pull has ended', async () => {
  await withTrivy({has: repositories, isMissing: true}, async () => Promise.reject(new Error('not missing')))
})

test('a missing program is the error, also without a database', async () => {
  await withTrivy({isMissing: true}, async () => Promise.reject(new Error('not missing')))
})

test('a database comes from the first repository with one', async () => {
  await withTrivy({has: ['ghcr.io/aquasecurity/trivy-db']}, async ({scanner, asked, directory, io}) => {
    expect(asked).toEqual(['mirror.gcr.io/aquasec/trivy-db', 'ghcr.io/aquasecurity/trivy-db'])
    expect(scanner.data).toEqual({
      source: 'ghcr.io/aquasecurity/trivy-db:2',
      digest: database,
      date: '2026-01-01T00:00:00Z',
    })
    expect(await readFile(path.join(directory, 'cache', 'db', 'trivy.db'))).toEqual(layer)
    const report = await scanner.scan({...target, output: path.join(directory, 'report.json')})
    expect(report.findings).toEqual([])
    const {args, env} = io.processes.commands.at(-1) ?? {args: [], env: {}}
    expect(args).toEqual(expect.arrayContaining(['--skip-db-update', '--vex', 'vex.json', target.reference]))
    expect(JSON.stringify(env)).not.toContain('canary')
  })
})

test.each<{name: string; given: Given; asked: readonly string[]}>([
  {name: 'is current', given: {kept: '2026-03-01T00:00:00Z'}, asked: []},
  {name: 'is not to be updated', given: {kept: '2025-01-01T00:00:00Z', databases: ['local']}, asked: []},
  {
    name: 'is old, but no repository has another',
    given: {kept: '2025-01-01T00:00:00Z', databases: ['ghcr.io/a/trivy-db:2']},
    asked: ['ghcr.io/a/trivy-db'],
  },
])('a database that is here is taken if it $name', async ({given, asked: expected}) => {
  await withTrivy(given, async ({scanner, asked}) => {
    expect(asked).toEqual(expected)
    expect(scanner.data).toEqual({date: '2026-01-01T00:00:00Z'})
    return Promise.resolve()
  })
})

const other: Digest = digestOf(Buffer.from('other'))

test.each<{name: string; given: Given}>([
  {name: 'no repository has it', given: {}},
  {name: 'this machine has none', given: {databases: ['local']}},
  {
    name: 'the digest is another',
    given: {databases: [`ghcr.io/a/trivy-db@${other}`], has: ['ghcr.io/a/trivy-db'], kept: '2026-03-01T00:00:00Z'},
  },
])('a database is missing if $name', async ({given}) => {
  await expect(withTrivy(given, async () => Promise.resolve())).rejects.toMatchObject({code: 'scan-database-missing'})
})
