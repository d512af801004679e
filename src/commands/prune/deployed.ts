import {retentionError} from '../../errors/retention-error.ts'
import type {PruneInputs} from '../../inputs/prune/policy.ts'
import {field} from '../../oci/manifest.ts'
import type {GitHubDenial} from '../../reasons/github-denials.ts'
import {forEachBounded} from '../../registry/limit.ts'
import {readList, type GitHubReader} from './github-list.ts'
import {pathOf, type GitHubRepository} from './live-refs.ts'

interface DeployedQuestion {
  readonly repository: GitHubRepository
  /** Client of the API; undefined without a token. */
  readonly api: GitHubReader | undefined
  readonly keepDeployed: PruneInputs['keepDeployed']
}

interface Deployed {
  /** Commits that a deployment runs, or is going to run. */
  readonly revisions: ReadonlySet<string>
  /** Facts that the run may not ask GitHub for. */
  readonly denied: readonly GitHubDenial[]
}

const maxConcurrent = 4
const code = 'deployments-unlisted'

/**
 * Reads the commits of the last active deployments of each environment, and of those that wait for their start:
 * https://docs.github.com/rest/deployments/deployments#list-deployments
 * @throws TagboatError `deployments-unlisted` if a list is not complete; with `keep-deployed: true`, also if the run may not
 *   read it.
 */
export async function readDeployed({repository, api, keepDeployed}: DeployedQuestion): Promise<Deployed> {
  if (keepDeployed === 'false') return {revisions: new Set(), denied: []}
  const path = `${pathOf(repository)}/deployments`
  if (api === undefined) return denied(undefined, keepDeployed)
  const list = await readList(api, {path, parse: deploymentIn, code})
  if (list.kind === 'denied') return denied(list.answer, keepDeployed)
  const environments = Map.groupBy(
    list.entries.toSorted((a, b) => b.id - a.id),
    ({environment}) => environment,
  )
  const revisions = new Set<string>()
  await forEachBounded([...environments.values()], maxConcurrent, async (newestFirst) => {
    for await (const sha of activeOf(newestFirst, path, api)) revisions.add(sha)
  })
  return {revisions, denied: []}
}

function denied(answer: string | undefined, keepDeployed: 'auto' | 'true'): Deployed {
  if (keepDeployed === 'auto') return {revisions: new Set(), denied: [{code: 'deployments-denied', answer}]}
  throw retentionError(code, {evidence: [answer ?? '`github-token` is empty']})
}

interface Deployment {
  readonly id: number
  readonly environment: string
  readonly sha: string
}

/** States of a deployment that does not run: https://docs.github.com/rest/deployments/statuses */
const endStates = ['inactive', 'failure', 'error']

/**
 * Commits of the active deployments of one environment. GitHub makes the earlier ones inactive when one succeeds, so
 * the search ends there.
 */
async function* activeOf(
  newestFirst: readonly Deployment[],
  path: string,
  api: GitHubReader,
): AsyncGenerator<string, void, undefined> {
  for (const {id, sha} of newestFirst) {
    const states = await statesOf(id, path, api)
    if (!endStates.includes(states[0] ?? '')) yield sha
    if (states.includes('success')) return
  }
}

/** States of a deployment, newest first. None if it has not begun, or was deleted meanwhile. */
async function statesOf(id: number, path: string, api: GitHubReader): Promise<readonly string[]> {
  const list = await readList(api, {path: `${path}/${id}/statuses`, parse: stateIn, code})
  return list.kind === 'listed' ? list.entries : []
}

function deploymentIn(entry: unknown): Deployment | undefined {
  const [id, environment, sha] = ['id', 'environment', 'sha'].map((name) => field(entry, name))
  return typeof id === 'number' && typeof environment === 'string' && typeof sha === 'string'
    ? {id, environment, sha}
    : undefined
}

function stateIn(entry: unknown): string | undefined {
  const state = field(entry, 'state')
  return typeof state === 'string' ? state : undefined
}
