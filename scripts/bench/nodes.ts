/**
 * Benchmark of a distributed build: the sample for two platforms, warm, published by a builder with two nodes (one platform
 * each) and by a builder with one node. Rounds alternate. Both nodes use the same engine, so that two nodes are not faster
 * and the difference is the overhead. Each round publishes a new version.
 *
 *   npm run bench:nodes [-- --rounds 9 --away 0,50]
 */
import {parseArgs} from 'node:util'
import {startDistance} from '../../testing/distance.ts'
import {startRegistry} from '../../testing/registry.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../../testing/remote-builder.ts'
import {Step} from '../../testing/runner.ts'
import {alternate, measure, middle, ms, tableRow, type Cost} from './measure.ts'
import {login, stepOptions} from './publication.ts'

const {values: options} = parseArgs({
  options: {rounds: {type: 'string', default: '9'}, away: {type: 'string', default: '0,50'}},
})
const rounds = Number(options.rounds)
const widths = [10, 12, 12, 10, 8, 14, 14]

async function main(): Promise<void> {
  await using one = await startRemoteBuilder('one')
  await using two = await startRemoteBuilder('two', [{platforms: 'linux/amd64'}, {platforms: 'linux/arm64'}])
  console.log(`${rounds} rounds, warm build of two platforms, each a new version in one repository; medians`)
  console.log(tableRow(['away', 'two nodes', 'one node', 'more', 'ratio', 'two CPU', 'one CPU'], widths))
  for (const away of options.away.split(',').map(Number)) await compare(away, two, one)
}

async function compare(awayMs: number, two: RemoteBuilder, one: RemoteBuilder): Promise<void> {
  await using registry = await startRegistry({login})
  await using distance = await startDistance(registry.host, awayMs)
  const contenders = [two, one].map((builder) => ({
    name: builder.name,
    work: async (round: number) => publish(distance.host, builder, round + 1),
  }))
  // The first round of each fills the cache and the repository.
  for (const {work} of contenders) await work(-1)
  const [distributed = [], whole = []] = await alternate(rounds, contenders)
  const wall = (costs: readonly Cost[]): number => middle(costs.map(({wallMs}) => wallMs))
  const cpu = (costs: readonly Cost[]): number => middle(costs.map(({cpuMs}) => cpuMs))
  const [twoNodes, oneNode] = [wall(distributed), wall(whole)]
  const cells = [ms(awayMs), ms(twoNodes), ms(oneNode), ms(twoNodes - oneNode), (twoNodes / oneNode).toFixed(2)]
  console.log(tableRow([...cells, ms(cpu(distributed)), ms(cpu(whole))], widths))
}

/** The whole step, main and post. */
async function publish(host: string, {name, config}: RemoteBuilder, round: number): Promise<Cost> {
  const publication = {hosts: [host], repository: `team/${name}`, version: `1.${round}.0`, tagCount: 5}
  const {inputs, ...rest} = stepOptions(publication)
  await using step = await Step.prepare({
    ...rest,
    inputs: {...inputs, builder: name, platforms: 'linux/amd64,linux/arm64'},
    env: {DOCKER_CONFIG: config},
  })
  return await measure(async () => {
    const {exitCode, log} = await step.run()
    if (exitCode !== 0) throw new Error(log)
  })
}

await main()
