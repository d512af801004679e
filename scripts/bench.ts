/**
 * Benchmark of the action against the plain commands: a warm build of the sample, published by Tagboat (main and post) and,
 * with the same tags, by `docker login`, `docker buildx build --push`, `docker logout`. Rounds alternate. Each round
 * publishes a new version to a repository that already has the previous version and its layers.
 *
 *   npm run bench [-- --rounds 15 --away 0,50 --registries 1,2 --tags 1,5,50 --builder default,remote --fresh]
 *   npm run bench -- --large 1024 [--rounds 5 --builder default,remote]
 *
 * `--away`: round trip to the registry in milliseconds. `--fresh`: each round publishes to a new repository. The output ends
 * with the time to the first child process and the size of the code that every run loads. `--tags none` prints only that.
 * `--builder`: that of the engine, and the BuildKit of the engine behind a TCP port. `--large` publishes an image of this
 * many megabytes instead of the sample (scripts/bench/large.ts).
 * scripts/bench/copies.ts measures the copy of an image between two registries.
 */
import {parseArgs} from 'node:util'
import {startDistance, type Distance} from '../testing/distance.ts'
import {startRegistry, type Registry} from '../testing/registry.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../testing/remote-builder.ts'
import {large} from './bench/large.ts'
import {alternate, middle, ms, tableRow, type Cost} from './bench/measure.ts'
import {login, plain, tagboat, type Publication} from './bench/publication.ts'
import {startup} from './bench/startup.ts'

const {values: options} = parseArgs({
  options: {
    rounds: {type: 'string', default: '7'},
    away: {type: 'string', default: '0,50'},
    registries: {type: 'string', default: '1,2'},
    tags: {type: 'string', default: '1,5,50'},
    builder: {type: 'string', default: 'default'},
    large: {type: 'string'},
    fresh: {type: 'boolean', default: false},
  },
})
const rounds = Number(options.rounds)
const widths = [10, 10, 12, 8, 12, 12, 10, 8, 14, 14]

interface Setting {
  readonly builder: RemoteBuilder | undefined
  readonly awayMs: number
  readonly registryCount: number
  readonly tagCount: number
}

function numbers(list: string): readonly number[] {
  return list.split(',').map(Number).filter(Number.isInteger)
}

async function main(): Promise<void> {
  await using remote = await startRemoteBuilder('remote')
  const builders = options.builder.split(',').map((name) => (name === 'remote' ? remote : undefined))
  if (options.large !== undefined) {
    await large({megabytes: Number(options.large), rounds, builders})
    return
  }
  const settings = builders.flatMap((builder) =>
    numbers(options.away).flatMap((awayMs) =>
      numbers(options.registries).flatMap((registryCount) =>
        numbers(options.tags).map((tagCount): Setting => ({builder, awayMs, registryCount, tagCount})),
      ),
    ),
  )
  if (settings.length > 0) {
    const where = options.fresh ? 'each into a new repository' : 'each a new version in one repository'
    console.log(`${rounds} rounds, warm build, ${where}; medians`)
    const heads = [
      'builder',
      'away',
      'registries',
      'tags',
      'tagboat',
      'plain',
      'more',
      'ratio',
      'tagboat CPU',
      'plain CPU',
    ]
    console.log(tableRow(heads, widths))
  }
  for (const setting of settings) await compare(setting)
  await startup(rounds)
}

async function compare({builder, awayMs, registryCount, tagCount}: Setting): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const hosts: string[] = []
  for (let index = 0; index < registryCount; index += 1) {
    const registry: Registry = stack.use(await startRegistry({login}))
    const distance: Distance = stack.use(await startDistance(registry.host, awayMs))
    hosts.push(distance.host)
  }
  const publication = (name: string, round: number): Publication => ({
    hosts,
    builder,
    repository: options.fresh ? `team/${name}-${round}` : `team/${name}`,
    version: `1.${round}.0`,
    tagCount,
  })
  // The first round fills the build cache and the repositories, and is not measured.
  await tagboat(publication('tagboat', 0))
  await plain(publication('plain', 0))
  const [action, commands] = await alternate(rounds, [
    {name: 'tagboat', work: async (round) => tagboat(publication('tagboat', round + 1))},
    {name: 'plain', work: async (round) => plain(publication('plain', round + 1))},
  ])
  if (action === undefined || commands === undefined) return
  const wall = (costs: readonly Cost[]): number => middle(costs.map(({wallMs}) => wallMs))
  const cpu = (costs: readonly Cost[]): number => middle(costs.map(({cpuMs}) => cpuMs))
  const cells = [
    builder?.name ?? 'default',
    ms(awayMs),
    String(registryCount),
    String(tagCount),
    ms(wall(action)),
    ms(wall(commands)),
    ms(wall(action) - wall(commands)),
    (wall(action) / wall(commands)).toFixed(2),
    ms(cpu(action)),
    ms(cpu(commands)),
  ]
  console.log(tableRow(cells, widths))
}

await main()
