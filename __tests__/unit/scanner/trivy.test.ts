import {expect, test} from '@jest/globals'
import {mkdir, readFile, writeFile} from 'node:fs/promises'
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
  for (const one of [work, home, bin, path.join(cache, 'db')]) await mkdir(one, {recursive: true})
  await writeFile(path.join(bin, 'trivy'), 'a program')
  const metadata = (next: string): string => JSON.stringify({NextUpdate: next, UpdatedAt: '2026-01-01T00:00:00Z'})
  if (given.kept !== undefined) await writeFile(path.join(cache, 'db', 'metadata.json'), metadata(given.kept))
  const io = fakeIo({
    environment: {PATH: bin, TRIVY_CACHE_DIR: cache, GITHUB_TOKEN: 'canary'},
    processes: scriptedProcesses(async ({file, args}) => {
      if (file === 'tar') {
        const to = args[args.indexOf('-C') + 1] ?? ''
        await writeFile(path.join(to, 'trivy.db'), await readFile(args[args.indexOf('-xzf') + 1] ?? ''))
        await writeFile(path.join(to, 'metadata.json'), metadata('2026-02-01T00:00:00Z'))
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
    manifests.set('2', content)
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
  const scanner = await openTrivy({inputs, directories: {work, home}, clients, io})
  await body({scanner, io, directory: directory.path, asked})
}

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
