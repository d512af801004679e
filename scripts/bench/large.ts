import {randomBytes} from 'node:crypto'
import {createWriteStream} from 'node:fs'
import {lstat, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {setTimeout as sleep} from 'node:timers/promises'
import {startDistance} from '../../testing/distance.ts'
import {startRegistry} from '../../testing/registry.ts'
import type {RemoteBuilder} from '../../testing/remote-builder.ts'
import type {Step} from '../../testing/runner.ts'
import {alternate, middle, tableRow, type Cost} from './measure.ts'
import {login, plain, tagboat, type Publication} from './publication.ts'

interface LargeOptions {
  readonly megabytes: number
  readonly rounds: number
  readonly builders: readonly (RemoteBuilder | undefined)[]
}

interface Row {
  readonly name: string
  readonly awayMs: number
  readonly registryCount: number
  /** Whether the registries have the layers, of an earlier version. */
  readonly hasLayers: boolean
}

const rows: readonly Row[] = [
  {name: 'layers there', awayMs: 0, registryCount: 1, hasLayers: true},
  {name: 'all new', awayMs: 0, registryCount: 1, hasLayers: false},
  {name: 'all new', awayMs: 20, registryCount: 1, hasLayers: false},
  {name: 'all new', awayMs: 0, registryCount: 2, hasLayers: false},
]
const widths = [10, 14, 8, 12, 12, 12, 10, 8, 12, 14]

/** Largest figures of a run of main. */
interface Peak {
  residentBytes: number
  temporaryBytes: number
}

/**
 * Publishes a large image of two layers with two tags, by Tagboat and by the plain commands. The build is warm. Without
 * `hasLayers`, each publication has new registries: BuildKit would mount layers from another repository.
 */
export async function large({megabytes, rounds, builders}: LargeOptions): Promise<void> {
  const directory = await largeContext(megabytes)
  console.log(`${rounds} rounds, warm build of ${megabytes} MB in two layers, two tags; medians`)
  const heads = ['builder', 'image', 'away', 'registries', 'tagboat', 'plain', 'more', 'ratio', 'resident', 'in temp']
  console.log(tableRow(heads, widths))
  for (const builder of builders) for (const row of rows) await compare(row, {rounds, builder, directory})
  await rm(directory, {recursive: true})
}

async function largeContext(megabytes: number): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tagboat-large-'))
  for (const name of ['one', 'two']) {
    const pieces = Array.from({length: Math.round(megabytes / 2)}, (_, index) => index)
    const source = Readable.from(pieces).map(() => randomBytes(1024 * 1024))
    await pipeline(source, createWriteStream(path.join(directory, name)))
  }
  await writeFile(path.join(directory, 'Dockerfile'), 'FROM scratch\nCOPY one /one\nCOPY two /two\n')
  await writeFile(path.join(directory, '.dockerignore'), '.buildx\n')
  return directory
}

interface Setting {
  readonly rounds: number
  readonly builder: RemoteBuilder | undefined
  readonly directory: string
}

async function compare(row: Row, {rounds, builder, directory}: Setting): Promise<void> {
  // Both identify the machine in the same way. Otherwise BuildKit would ask for the context, and keep it, in each round.
  if (builder === undefined) process.env['BUILDX_CONFIG'] = path.join(directory, '.buildx')
  else delete process.env['BUILDX_CONFIG']
  const peak: Peak = {residentBytes: 0, temporaryBytes: 0}
  await using stack = new AsyncDisposableStack()
  const kept = row.hasLayers ? await registries(row, stack) : undefined
  const publication = (name: string, round: number, hosts: readonly string[]): Publication => ({
    hosts,
    repository: `team/${name}`,
    version: `1.${round}.0`,
    tagCount: 2,
    builder,
    directory,
  })
  const work =
    (name: string, publish: (publication: Publication) => Promise<Cost>) =>
    async (round: number): Promise<Cost> => {
      await using own = new AsyncDisposableStack()
      return await publish(publication(name, round + 1, kept ?? (await registries(row, own))))
    }
  const contenders = [
    {name: 'tagboat', work: work('tagboat', async (one) => tagboat(one, watcher(peak)))},
    {name: 'plain', work: work('plain', async (one) => plain(one))},
  ]
  // The first round of each fills the cache and the repositories, and is not measured.
  for (const contender of contenders) await contender.work(-1)
  const [action = [], commands = []] = await alternate(rounds, contenders)
  const [tagboatSeconds, plainSeconds] = [action, commands].map(
    (costs) => middle(costs.map(({wallMs}) => wallMs)) / 1000,
  )
  if (tagboatSeconds === undefined || plainSeconds === undefined) return
  const cells = [
    builder?.name ?? 'default',
    row.name,
    `${row.awayMs} ms`,
    String(row.registryCount),
    `${tagboatSeconds.toFixed(2)} s`,
    `${plainSeconds.toFixed(2)} s`,
    `${(tagboatSeconds - plainSeconds).toFixed(2)} s`,
    (tagboatSeconds / plainSeconds).toFixed(2),
    `${Math.round(peak.residentBytes / 1e6)} MB`,
    `${(peak.temporaryBytes / 1e6).toFixed(1)} MB`,
  ]
  console.log(tableRow(cells, widths))
}

async function registries({registryCount, awayMs}: Row, stack: AsyncDisposableStack): Promise<readonly string[]> {
  const hosts: string[] = []
  for (let index = 0; index < registryCount; index += 1) {
    const registry = stack.use(await startRegistry({login}))
    hosts.push(awayMs === 0 ? registry.host : stack.use(await startDistance(registry.host, awayMs)).host)
  }
  return hosts
}

/** Observes the resident size of main, and the size of its files in RUNNER_TEMP. */
function watcher(peak: Peak): (step: Step, main: Promise<unknown>) => Promise<void> {
  return async (step, main) => {
    const ended = main.then(
      () => true,
      () => true,
    )
    while (!(await Promise.race([ended, sleep(100, false)]))) {
      peak.residentBytes = Math.max(peak.residentBytes, await residentBytes(step.pid))
      peak.temporaryBytes = Math.max(peak.temporaryBytes, await bytesBelow(step.temp))
    }
  }
}

/** Largest resident size so far (proc(5), VmHWM). */
async function residentBytes(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid ?? 0}/status`, 'utf8').catch(() => '')
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024
}

async function bytesBelow(directory: string): Promise<number> {
  const names = await readdir(directory, {recursive: true}).catch(() => [])
  const sizes = names.map(async (name) => {
    const found = await lstat(path.join(directory, name)).catch(() => undefined)
    return found?.isFile() === true ? found.size : 0
  })
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
