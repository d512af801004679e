import type {EventChoice, SimulatedEvent} from './event-choice.ts'
import {factsOf} from './event-payloads.ts'
import {idOf, occasionOf, type JsonObject} from './payload-parts.ts'

/** Directory of the checkout in a simulated run. */
export const workspacePath = '/github/workspace'
/** File of the payload in a simulated run. */
export const payloadPath = '/github/workflow/event.json'

/** Event of a run on GitHub, with the variables and the payload that the runner would provide. */
export function simulatedEvent(choice: EventChoice, now: Date): SimulatedEvent {
  const occasion = occasionOf(choice, now)
  const {ref, sha, headRef = '', baseRef = '', payload} = factsOf(occasion)
  const environment = {
    ...sharedVariables,
    GITHUB_EVENT_NAME: choice.event,
    GITHUB_REF: ref,
    GITHUB_REF_NAME: refName(ref),
    GITHUB_REF_TYPE: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    GITHUB_SHA: sha,
    GITHUB_HEAD_REF: headRef,
    GITHUB_BASE_REF: baseRef,
    GITHUB_REPOSITORY: occasion.repository,
    GITHUB_REPOSITORY_OWNER: occasion.owner,
    GITHUB_REPOSITORY_ID: String(idOf(occasion.repository)),
    GITHUB_REPOSITORY_OWNER_ID: String(idOf(occasion.owner)),
    GITHUB_ACTOR: occasion.actor,
    GITHUB_ACTOR_ID: String(idOf(occasion.actor)),
    GITHUB_TRIGGERING_ACTOR: occasion.actor,
  }
  return {...eventOf(environment, payload), isAnyActivity: choice.action === undefined, isSimulated: true}
}

/** Event with given variables and payload, such as those that a runner has recorded. */
export function eventOf(variables: Readonly<Record<string, string>>, payload: JsonObject): SimulatedEvent {
  const environment = {...variables, GITHUB_EVENT_PATH: payloadPath, GITHUB_WORKSPACE: workspacePath}
  return {environment, payload, github: githubContext(environment, payload)}
}

/** Variables that are the same for every simulated run. */
const sharedVariables = {
  CI: 'true',
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_API_URL: 'https://api.github.com',
  GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
  GITHUB_JOB: 'publish',
  GITHUB_WORKFLOW: 'publish',
  GITHUB_RUN_ID: '1',
  GITHUB_RUN_NUMBER: '1',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_RETENTION_DAYS: '90',
  GITHUB_REF_PROTECTED: 'false',
  RUNNER_OS: 'Linux',
  RUNNER_ARCH: 'X64',
  RUNNER_TEMP: '/github/temp',
}

/** Name of a ref as `github.ref_name` has it: `main`, `v1.2.3`, `42/merge`. */
function refName(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags|pull)\//, '')
}

/** Fields of the context `github` that the runner also sets as variables, without the names that differ. */
const variableFields = [
  ...['action', 'actor', 'actor_id', 'api_url', 'base_ref', 'event_name', 'event_path', 'graphql_url', 'head_ref'],
  ...['job', 'ref', 'ref_name', 'ref_protected', 'ref_type', 'repository', 'repository_id', 'repository_owner'],
  ...['repository_owner_id', 'retention_days', 'run_attempt', 'run_id', 'run_number', 'server_url', 'sha'],
  ...['triggering_actor', 'workflow', 'workspace'],
]

/** Context `github`: https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context */
function githubContext(
  environment: Readonly<Record<string, string>>,
  payload: JsonObject,
): Readonly<Record<string, unknown>> {
  const fields = variableFields.map((name) => [name, environment[`GITHUB_${name.toUpperCase()}`] ?? ''] as const)
  const repository = environment['GITHUB_REPOSITORY'] ?? ''
  const workflow = `${repository}/.github/workflows/publish.yml@${environment['GITHUB_REF'] ?? ''}`
  return {
    ...Object.fromEntries(fields),
    ref_protected: environment['GITHUB_REF_PROTECTED'] === 'true',
    repositoryUrl: `git://github.com/${repository}.git`,
    secret_source: 'Actions',
    token: simulatedToken,
    workflow_ref: workflow,
    workflow_sha: environment['GITHUB_SHA'] ?? '',
    event: payload,
  }
}

/** Text in place of `github.token`. It does not have to be masked. */
export const simulatedToken = 'simulated-github-token'
