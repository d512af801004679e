/**
 * Cost of each driver of Buildx: one publication with five tags by the engine's builder and by a remote one, which both
 * have the build in their cache, and by a new builder of the drivers docker-container and kubernetes, which have not. Whole
 * steps, main and post. The cluster is that of the tests; BuildKit is compiled, so that nothing is pulled. Rounds alternate.
 *
 *   npm run bench:drivers [-- --rounds 5]
 */
import {parseArgs} from 'node:util'
import {makeBuildKitImage} from '../../testing/buildkit-image.ts'
import {startCluster} from '../../testing/cluster/cluster.ts'
import {docker} from '../../testing/docker.ts'
import {startRegistry} from '../../testing/registry.ts'
import {startRemoteBuilder} from '../../testing/remote-builder.ts'
import {Step} from '../../testing/runner.ts'
import {alternate, measure, middle, ms, tableRow, type Cost} from './measure.ts'
import {login, stepOptions} from './publication.ts'

const {values: options} = parseArgs({options: {rounds: {type: 'string', default: '5'}}})
const rounds = Number(options.rounds)
const widths = [26, 12]
const image = 'buildkit.invalid/bench:1'

interface Contender {
  readonly name: string
  readonly inputs: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
}

async function main(): Promise<void> {
  await makeBuildKitImage(image, '--load')
  await using registry = await startRegistry({login})
  await using remote = await startRemoteBuilder('far')
  await using cluster = await startCluster({})
  const kubeConfig = await cluster.user('bench', [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}])
  const opts = {'driver-opts': `image=${image}`}
  const contenders: readonly Contender[] = [
    {name: "the engine's builder", inputs: {}, env: {}},
    {name: 'remote', inputs: {builder: remote.name}, env: {DOCKER_CONFIG: remote.config}},
    {name: 'docker-container, new', inputs: {driver: 'docker-container', ...opts}, env: {}},
    {name: 'kubernetes, new', inputs: {driver: 'kubernetes', ...opts}, env: {KUBECONFIG: kubeConfig}},
  ]
  const work = contenders.map((contender, index) => ({
    name: contender.name,
    work: async (round: number) => publish(contender, {hosts: [registry.host], repository: `team/app-${index}`, round}),
  }))
  for (const one of work) await one.work(-1)
  const results = await alternate(rounds, work)
  await docker(['image', 'rm', '--force', image])
  console.log(`${rounds} rounds, 5 tags; medians of the whole step`)
  for (const [index, costs] of results.entries()) {
    console.log(tableRow([contenders[index]?.name ?? '', ms(middle(costs.map(({wallMs}) => wallMs)))], widths))
  }
}

interface Publication {
  readonly hosts: readonly string[]
  readonly repository: string
  readonly round: number
}

async function publish({inputs, env}: Contender, {round, ...publication}: Publication): Promise<Cost> {
  const {inputs: common, ...rest} = stepOptions({...publication, version: `1.${round + 1}.0`, tagCount: 5})
  await using step = await Step.prepare({...rest, inputs: {...common, ...inputs}, env})
  return await measure(async () => {
    const {exitCode, log} = await step.run()
    if (exitCode !== 0) throw new Error(log)
  })
}

await main()
