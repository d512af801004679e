import {TagboatError} from '../../errors/error.ts'
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
 * Reads the commits of the last active deployments of each environment and task, and of those that wait for their start:
 * https://docs.github.com/rest/deployments/deployments#list-deployments
 * If the limit of the token does not allow to read the states, all deployments that were not read count as active.
 * @throws TagboatError `deployments-unlisted` if a list is not complete; with `keep-deployed: true`, also if the run may not
 *   read it.
 */
export async function readDeployed({repository, api, keepDeployed}: DeployedQuestion): Promise<Deployed> {
  if (keepDeployed === 'false') return {revisions: new Set(), denied: []}
  const path = `${pathOf(repository)}/deployments`
  if (api === undefined) return denied(undefined, keepDeployed)
  const list = await readList(api, {path, parse: deploymentIn, code})
  if (list.kind === 'denied') return denied(list.answer, keepDeployed)
  const series = Map.groupBy(
    list.entries.toSorted((a, b) => b.id - a.id),
    ({environment, task}) => JSON.stringify([environment, task]),
  )
  const revisions = new Set<string>()
  let limit: TagboatError | undefined
  await forEachBounded([...series.values()], maxConcurrent, async (newestFirst) => {
    try {
      if (limit === undefined) for await (const sha of activeOf(newestFirst, path, api)) revisions.add(sha)
    } catch (error) {
      if (!isLimit(error)) throw error
      limit = error
    }
    if (limit !== undefined) for (const {sha} of newestFirst) revisions.add(sha)
  })
  const answer = limit?.evidence.join(', ')
  return {revisions, denied: answer === undefined ? [] : [{code: 'deployments-limited', answer}]}
}

/** Reports whether a list could not be read because the token has no requests left. */
function isLimit(error: unknown): error is TagboatError {
  return error instanceof TagboatError && error.cause instanceof TagboatError && error.cause.code === 'rate-limited'
}

function denied(answer: string | undefined, keepDeployed: 'auto' | 'true'): Deployed {
  if (keepDeployed === 'auto') return {revisions: new Set(), denied: [{code: 'deployments-denied', answer}]}
  throw retentionError(code, {evidence: [answer ?? '`github-token` is empty']})
}

interface Deployment {
  readonly id: number
  readonly environment: string
  /** Kind of the deployment, such as `deploy`. Several services of an environment may have one each. */
  readonly task: string
  readonly sha: string
}

/** States of a deployment that does not run: https://docs.github.com/rest/deployments/statuses */
const endStates = ['inactive', 'failure', 'error']

/**
 * Commits of the active deployments of one environment and task. The search ends at the newest one that runs. GitHub makes
 * the earlier ones inactive when one succeeds, so if that one failed later, the last inactive one may run again.
 */
async function* activeOf(
  newestFirst: readonly Deployment[],
  path: string,
  api: GitHubReader,
): AsyncGenerator<string, void, undefined> {
  let hasFailedLater = false
  for (const {id, sha} of newestFirst) {
    const states = await statesOf(id, path, api)
    const sinceSuccess = states.includes('success') ? states.slice(0, states.indexOf('success')) : undefined
    const failedLater = sinceSuccess?.some((state) => state === 'failure' || state === 'error')
    const runsAgain = hasFailedLater && failedLater === false
    if (runsAgain || !endStates.includes(states[0] ?? '')) yield sha
    if (runsAgain || states[0] === 'success') return
    hasFailedLater ||= failedLater === true
  }
}

/** States of a deployment, newest first. None if it has not begun, or was deleted meanwhile. */
async function statesOf(id: number, path: string, api: GitHubReader): Promise<readonly string[]> {
  const list = await readList(api, {path: `${path}/${id}/statuses`, parse: stateIn, code})
  return list.kind === 'listed' ? list.entries : []
}

function deploymentIn(entry: unknown): Deployment | undefined {
  const [id, environment, sha, task] = ['id', 'environment', 'sha', 'task'].map((name) => field(entry, name))
  return typeof id === 'number' && typeof environment === 'string' && typeof sha === 'string'
    ? {id, environment, sha, task: typeof task === 'string' ? task : ''}
    : undefined
}

function stateIn(entry: unknown): string | undefined {
  const state = field(entry, 'state')
  return typeof state === 'string' ? state : undefined
}
