import {TagboatError} from '../errors/error.ts'
import {actorOf, isDependabotRun} from './dependabot.ts'
import {readTarget} from './event-ref.ts'
import type {EventKind, GitContext, Ref, Release, RepositoryInfo, RunInfo} from './git-context.ts'
import {fieldAt, flagAt, textAt} from './payload.ts'
import {readPullRequest, readUpstream} from './pull-request.ts'
import {parseRepositoryFacts} from './repository-info.ts'
import {variable, type Environment, type RunEvent} from './run-event.ts'

const kinds: readonly EventKind[] = [
  'push',
  'pull_request',
  'pull_request_target',
  'schedule',
  'workflow_dispatch',
  'release',
  'merge_group',
  'workflow_run',
  'repository_dispatch',
  'create',
]

/**
 * Context of a run, from the variables of the runner and the event payload. Documented variables have priority over the
 * payload, which may be any value. Missing fields are undefined.
 * @throws TagboatError `event-unsupported` if variables that every runner sets are missing.
 */
export function readContext(environment: Environment, payload: unknown): GitContext {
  const {name, owner, repositoryName} = requiredVariables(environment)
  const event: RunEvent = {kind: kinds.find((kind) => kind === name) ?? 'other', name, environment, payload}
  const server = readServer(environment)
  const target = readTarget(event)
  return {
    event: event.kind,
    eventName: name,
    action: textAt(payload, 'action'),
    ...target,
    pull: readPullRequest(event),
    release: readRelease(event, target.ref),
    upstream: readUpstream(event),
    actor: actorOf(event),
    byDependabot: isDependabotRun(event),
    repository: readRepository(event, owner, repositoryName, server.url),
    server,
    run: readRun(environment, `${server.url}/${owner}/${repositoryName}`),
  }
}

interface RequiredVariables {
  readonly name: string
  readonly owner: string
  readonly repositoryName: string
}

function requiredVariables(environment: Environment): RequiredVariables {
  const name = variable(environment, 'GITHUB_EVENT_NAME')
  const repository = variable(environment, 'GITHUB_REPOSITORY')
  const [, owner, repositoryName] = /^([^/\s]+)\/([^/\s]+)$/.exec(repository ?? '') ?? []
  if (name !== undefined && owner !== undefined && repositoryName !== undefined) return {name, owner, repositoryName}
  throw new TagboatError('event-unsupported', {
    message: 'The variables that a runner sets for every step are missing.',
    evidence: [
      ...(name === undefined ? ['GITHUB_EVENT_NAME is not set'] : []),
      ...(repository === undefined ? ['GITHUB_REPOSITORY is not set'] : []),
      ...(repository !== undefined && owner === undefined
        ? [`GITHUB_REPOSITORY is ${JSON.stringify(repository)}, which is not owner/name`]
        : []),
    ],
    remedy: 'Run Tagboat as a step of a workflow. To try it elsewhere, set these variables as a runner does.',
  })
}

/** Addresses of the GitHub server. Default: those of GitHub.com. */
function readServer(environment: Environment): GitContext['server'] {
  const url = withoutSlash(variable(environment, 'GITHUB_SERVER_URL') ?? 'https://github.com')
  const defaultApi = url === 'https://github.com' ? 'https://api.github.com' : `${url}/api/v3`
  return {url, apiUrl: withoutSlash(variable(environment, 'GITHUB_API_URL') ?? defaultApi)}
}

function withoutSlash(url: string): string {
  return url.replace(/(?<!\/)\/+$/, '')
}

function readRelease({kind, payload}: RunEvent, ref: Ref): Release | undefined {
  const tag = textAt(payload, 'release', 'tag_name') ?? (ref.kind === 'tag' ? ref.name : undefined)
  if (kind !== 'release' || tag === undefined) return undefined
  const release = fieldAt(payload, 'release')
  return {tag, prerelease: flagAt(release, 'prerelease') ?? false, draft: flagAt(release, 'draft') ?? false}
}

function readRepository({payload}: RunEvent, owner: string, name: string, serverUrl: string): RepositoryInfo {
  const repository = fieldAt(payload, 'repository')
  const url = textAt(repository, 'html_url') ?? `${serverUrl}/${owner}/${name}`
  const ownerType = textAt(repository, 'owner', 'type')
  const isKnown = ownerType === 'User' || ownerType === 'Organization'
  return {owner, ...(isKnown && {ownerType}), name, url, ...parseRepositoryFacts(repository)}
}

function readRun(environment: Environment, repositoryUrl: string): RunInfo {
  const id = variable(environment, 'GITHUB_RUN_ID') ?? ''
  return {
    id,
    number: variable(environment, 'GITHUB_RUN_NUMBER') ?? '',
    attempt: variable(environment, 'GITHUB_RUN_ATTEMPT') ?? '1',
    url: id === '' ? `${repositoryUrl}/actions` : `${repositoryUrl}/actions/runs/${id}`,
  }
}
