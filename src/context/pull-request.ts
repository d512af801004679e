import type {GitContext, PullRequest, UpstreamRun} from './git-context.ts'
import {commitAt, fieldAt, flagAt, numberAt, textAt} from './payload.ts'
import {isDependabot} from './dependabot.ts'
import {variable, type RunEvent} from './run-event.ts'

/**
 * Pull request that an event is about: that of a pull request event, a review, or a comment. If the payload does not
 * have the repository of the head, it counts as a fork, so that nothing is published by mistake.
 */
export function readPullRequest(event: RunEvent): PullRequest | undefined {
  const {environment, payload} = event
  const number = pullNumber(event)
  if (number === undefined) return undefined
  const pull = fieldAt(payload, 'pull_request')
  return {
    number,
    headSha: commitAt(pull, 'head', 'sha'),
    headRef: variable(environment, 'GITHUB_HEAD_REF') ?? textAt(pull, 'head', 'ref'),
    baseRef: variable(environment, 'GITHUB_BASE_REF') ?? textAt(pull, 'base', 'ref'),
    fromFork: !isSameRepository(fieldAt(pull, 'head', 'repo'), fieldAt(pull, 'base', 'repo')),
  }
}

/** Workflow run that triggered a `workflow_run` event. This run has secrets even if that one, of a fork, had none. */
export function readUpstream({kind, payload}: RunEvent): UpstreamRun | undefined {
  const run = fieldAt(payload, 'workflow_run')
  const event = textAt(run, 'event')
  if (kind !== 'workflow_run' || event === undefined) return undefined
  return {
    event,
    fromFork: !isSameRepository(fieldAt(run, 'head_repository'), fieldAt(payload, 'repository')),
    byDependabot: isDependabot(textAt(run, 'actor', 'login')),
    headBranch: textAt(run, 'head_branch'),
    headSha: commitAt(run, 'head_sha'),
  }
}

/** Number of the pull request that an event is about. */
export function pullNumber({kind, environment, payload}: RunEvent): number | undefined {
  const isPull = kind === 'pull_request' || kind === 'pull_request_target'
  return (
    numberAt(payload, 'pull_request', 'number') ??
    commentedPull(payload) ??
    (isPull ? numberAt(payload, 'number') : undefined) ??
    numberInRef(variable(environment, 'GITHUB_REF'))
  )
}

/** Reports whether the pull request of the payload was merged. */
export function isMerged(payload: unknown): boolean {
  return flagAt(payload, 'pull_request', 'merged') === true
}

/** Number of the pull request of a comment: an `issue` with the field `pull_request`. */
function commentedPull(payload: unknown): number | undefined {
  const isPull = textAt(payload, 'issue', 'pull_request', 'url') !== undefined
  return isPull ? numberAt(payload, 'issue', 'number') : undefined
}

function numberInRef(ref: string | undefined): number | undefined {
  const digits = /^refs\/pull\/([1-9][0-9]*)\//.exec(ref ?? '')?.[1]
  return numberAt(digits === undefined ? undefined : Number(digits))
}

/**
 * Reports whether two repositories are the same, by their ids if known. A deleted repository is null in the payload.
 */
function isSameRepository(head: unknown, base: unknown): boolean {
  const ids = [numberAt(head, 'id'), numberAt(base, 'id')]
  if (ids[0] !== undefined && ids[1] !== undefined) return ids[0] === ids[1]
  const name = textAt(head, 'full_name')
  return name !== undefined && name.toLowerCase() === textAt(base, 'full_name')?.toLowerCase()
}

/** Reports whether the event is about a pull request, but the runner's commit is that of a branch of the repository. */
export function isStandIn({event, eventName, ref}: GitContext): boolean {
  if (ref.kind !== 'pull') return false
  return event === 'pull_request_target' || (event === 'other' && !eventName.startsWith('pull_request'))
}
