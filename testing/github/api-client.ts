import {secretKeeper} from '../../src/errors/known-secrets.ts'
import {Secret} from '../../src/errors/secret.ts'
import {GitHubApi} from '../../src/prune/ghcr/github-api.ts'
import {defaultPolicy} from '../../src/registry/retry.ts'
import {scriptedHttp} from '../fake-io.ts'
import {activityOf} from '../registry-client.ts'
import {testClock} from '../registries/ghcr-scene.ts'
import {repositoryApi, type RepositoryApi, type RepositoryApiOptions} from './repository-api.ts'

/** Client of the stand-in for a repository, on a clock that only waits move. */
export interface RepositoryClient {
  readonly api: RepositoryApi
  readonly client: GitHubApi
  /** Log lines of retries. */
  readonly lines: readonly string[]
}

const token = 'ghs_canaryOfTheRepository0123456789'

export function repositoryClient(options: Partial<RepositoryApiOptions> = {}): RepositoryClient {
  const clock = testClock()
  const api = repositoryApi({token, now: clock.now, ...options})
  const {keep, hide} = secretKeeper()
  keep(token)
  const lines: string[] = []
  const retrier = {
    policy: defaultPolicy,
    timer: clock,
    activity: activityOf((line) => lines.push(line)),
    signal: new AbortController().signal,
  }
  const access = {apiUrl: options.api ?? 'https://api.github.com', token: new Secret(token)}
  return {
    api,
    client: new GitHubApi(access, {http: scriptedHttp(api.answer), retrier, secrets: {keep, hide}}),
    lines,
  }
}
