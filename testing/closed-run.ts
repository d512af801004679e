import {publish} from '../src/commands/publish.ts'
import type {Http} from '../src/io/http.ts'
import {factKeys} from '../src/oci/image-facts.ts'
import {runCommand, type CommandRun, type Scenario} from './command-run.ts'
import {scriptedHttp} from './fake-io.ts'
import {withGitHub} from './github/network.ts'
import {repositoryApi, type RepositoryApi, type RepositoryApiOptions} from './github/repository-api.ts'
import {makeImage, memoryNetwork, type MemoryRegistry, type TestImage} from './memory-registry.ts'
import type {GitHubVersions} from './registries/github-versions.ts'

/** Run of the publish action with `closed: delete`, and the requests that it sent to GitHub. */
export interface ClosedRun extends CommandRun {
  readonly api: RepositoryApi
}

export interface ClosedScenario extends Partial<Omit<Scenario, 'registries'>> {
  readonly gitHubState?: Partial<RepositoryApiOptions>
  /** Registry of packages at ghcr.io, with their API. */
  readonly packages?: GitHubVersions
}

/** Token of the runs. No text of a run may contain it. */
export const closedToken = 'ghs_canaryOfTheClosedRun0123456789'

/** Runs the publish action after pull request 2 was closed, in the repository of the recorded events. */
export async function runClosed(
  registries: readonly MemoryRegistry[],
  {inputs, gitHubState, packages, ...scenario}: ClosedScenario = {},
): Promise<ClosedRun> {
  const api = repositoryApi({
    token: closedToken,
    repository: 'Codertocat/Hello-World',
    defaultBranch: 'master',
    ...gitHubState,
  })
  const run = await runCommand(publish, {
    event: 'pull-request-closed',
    http:
      packages === undefined
        ? withGitHub((signal) => memoryNetwork(registries, {signal}), api)
        : () => packagesNetwork(packages, api),
    ...scenario,
    inputs: {
      closed: 'delete',
      'github-token': closedToken,
      registry: 'registry.example',
      username: 'mona',
      password: 'canary-1',
      ...inputs,
    },
  })
  return {...run, api}
}

/** Network with the registry and the API of GitHub. */
function packagesNetwork(packages: GitHubVersions, api: RepositoryApi): Http {
  return scriptedHttp(async (request) => {
    const isOfRepository = request.url.host === 'api.github.com' && request.url.pathname.startsWith('/repos/')
    return isOfRepository ? api.answer(request) : packages.answer(request)
  })
}

/** Image of two platforms that states the ref that it was built for. */
export function imageOfRef(ref: string | undefined): TestImage {
  const labels = {...(ref !== undefined && {[factKeys.ref]: ref}), name: ref ?? 'none'}
  return makeImage({platforms: ['linux/amd64', 'linux/arm64'], labels})
}
