import {prune} from '../src/commands/prune/prune.ts'
import type {Io} from '../src/io/io.ts'
import {runCommand, type CommandRun, type Scenario} from './command-run.ts'
import {repositoryApi, type RepositoryApi, type RepositoryApiOptions} from './github/repository-api.ts'
import {withGitHub} from './github/network.ts'
import {makeImage, memoryNetwork, type MemoryRegistry, type TestImage} from './memory-registry.ts'

/** Run of the prune action, and the requests that it sent to GitHub. */
export interface PruneRun extends CommandRun {
  readonly api: RepositoryApi
}

export interface PruneScenario extends Partial<Omit<Scenario, 'inputs' | 'registries'>> {
  readonly inputs?: Readonly<Record<string, string>>
  readonly gitHubState?: Partial<RepositoryApiOptions>
  /** Network in place of that of the registries; requests to GitHub are answered by the stand-in. */
  readonly network?: Io['http']
}

const token = 'ghs_canaryOfThePruneAction0123456789'

/** Runs the prune action on a schedule, with registries in memory and a stand-in for GitHub. */
export async function runPrune(registries: readonly MemoryRegistry[], scenario: PruneScenario = {}): Promise<PruneRun> {
  const {inputs, gitHubState, network: open, ...rest} = scenario
  const api = repositoryApi({token, repository: 'octo-org/octo-repo', ...gitHubState})
  const run = await runCommand(prune, {
    event: 'schedule',
    builds: false,
    http: withGitHub(open ?? ((signal) => memoryNetwork(registries, {signal})), api),
    ...rest,
    inputs: {'github-token': token, ...inputs},
  })
  return {...run, api}
}

/** Image that was built some days before the time of the tests. */
export function imageOfAge(days: number, name: string, labels: Readonly<Record<string, string>> = {}): TestImage {
  const created = new Date(Date.parse('2026-01-02T03:04:05Z') - days * 86_400_000).toISOString()
  const annotations = {'org.opencontainers.image.created': created, 'org.opencontainers.image.title': name}
  return makeImage({platforms: ['linux/amd64', 'linux/arm64'], annotations, labels: {...labels, name}})
}
