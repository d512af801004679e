/**
 * The cold start of a builder: one published build with a new builder of the driver docker-container, by a whole step of
 * Tagboat (`driver: docker-container`) and by the commands that it replaces: `docker buildx create`, `docker buildx inspect
 * --bootstrap`, `docker login`, `docker buildx build --push`, `docker logout`, `docker buildx rm`. Rounds alternate. The
 * BuildKit image is a stand-in made of programs of this machine, so that nothing is pulled.
 *
 *   npm run bench:builders [-- --rounds 9]
 */
import {parseArgs} from 'node:util'
import {startRegistry} from '../../testing/registry.ts'
import {Step} from '../../testing/runner.ts'
import {makeStandIn, type StandIn} from '../../testing/stand-in-builder.ts'
import {alternate, measure, middle, ms, tableRow, type Cost} from './measure.ts'
import {login, plain, runDocker, stepOptions, tagboat, type Publication} from './publication.ts'

const {values: options} = parseArgs({options: {rounds: {type: 'string', default: '9'}}})
const rounds = Number(options.rounds)
const widths = [34, 12, 12]

async function main(): Promise<void> {
  await using registry = await startRegistry({login})
  await using standIn = await makeStandIn()
  const publication = (name: string, round: number): Publication => {
    return {hosts: [registry.host], repository: `team/${name}`, version: `1.${round + 1}.0`, tagCount: 5}
  }
  const contenders = [
    {name: 'tagboat, a new builder', work: async (round: number) => cold(publication('cold', round), standIn)},
    {name: 'by hand, a new builder', work: async (round: number) => byHand(publication('hand', round), standIn)},
    {name: "tagboat, the engine's builder", work: async (round: number) => tagboat(publication('warm', round))},
    {name: "by hand, the engine's builder", work: async (round: number) => plain(publication('plain', round))},
  ]
  for (const {work} of contenders) await work(-1)
  const results = await alternate(rounds, contenders)
  console.log(`${rounds} rounds, warm build, 5 tags; medians`)
  console.log(tableRow(['', 'wall', 'CPU'], widths))
  for (const [index, costs] of results.entries()) {
    const middleOf = (value: (cost: Cost) => number): string => ms(middle(costs.map(value)))
    const cells = [contenders[index]?.name ?? '', middleOf(({wallMs}) => wallMs), middleOf(({cpuMs}) => cpuMs)]
    console.log(tableRow(cells, widths))
  }
}

/** The whole step, main and post. */
async function cold(publication: Publication, {config, driverOpts}: StandIn): Promise<Cost> {
  const {inputs, ...rest} = stepOptions(publication)
  const driver = {driver: 'docker-container', 'driver-opts': driverOpts}
  await using step = await Step.prepare({...rest, inputs: {...inputs, ...driver}, env: {DOCKER_CONFIG: config}})
  return await measure(async () => {
    const {exitCode, log} = await step.run()
    if (exitCode !== 0) throw new Error(log)
  })
}

async function byHand(publication: Publication, {config, driverOpts}: StandIn): Promise<Cost> {
  const name = 'bench-by-hand'
  const env = {...process.env, DOCKER_CONFIG: config}
  const flags = driverOpts.split('\n').flatMap((line) => (line === '' ? [] : ['--driver-opt', line]))
  const setUp = await measure(async () => {
    await runDocker(['buildx', 'create', '--name', name, '--driver', 'docker-container', ...flags], env)
    await runDocker(['buildx', 'inspect', '--bootstrap', name], env)
  })
  const published = await plain(publication, {BUILDX_BUILDER: name, BUILDX_CONFIG: `${config}/buildx`})
  const removed = await measure(async () => runDocker(['buildx', 'rm', name], env))
  const sum = (value: (cost: Cost) => number): number =>
    [setUp, published, removed].reduce((all, one) => all + value(one), 0)
  return {wallMs: sum(({wallMs}) => wallMs), cpuMs: sum(({cpuMs}) => cpuMs)}
}

await main()
