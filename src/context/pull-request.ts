import type {PullRequest, UpstreamRun} from './git-context.ts'
import {commitAt, fieldAt, flagAt, numberAt, textAt} from './payload.ts'
import {isDependabot} from './dependabot.ts'
import {variable, type RunEvent} from './run-event.ts'

/**
 * The pull request that an event is about: of a pull request event, a review, or a comment on one. Where the payload
 * does not say whose the head is, it counts as a fork's: the wrong guess that publishes nothing.
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

/** The run that `workflow_run` follows: this run has secrets even where that one, of a fork, had none. */
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

export function pullNumber({kind, environment, payload}: RunEvent): number | undefined {
  const isPull = kind === 'pull_request' || kind === 'pull_request_target'
  return (
    numberAt(payload, 'pull_request', 'number') ??
    commentedPull(payload) ??
    (isPull ? numberAt(payload, 'number') : undefined) ??
    numberInRef(variable(environment, 'GITHUB_REF'))
  )
}

export function isMerged(payload: unknown): boolean {
  return flagAt(payload, 'pull_request', 'merged') === true
}

/** A comment's `issue` is a pull request when it has that field. */
function commentedPull(payload: unknown): number | undefined {
  const isPull = textAt(payload, 'issue', 'pull_request', 'url') !== undefined
  return isPull ? numberAt(payload, 'issue', 'number') : undefined
}

function numberInRef(ref: string | undefined): number | undefined {
  const digits = /^refs\/pull\/([1-9][0-9]*)\//.exec(ref ?? '')?.[1]
  return numberAt(digits === undefined ? undefined : Number(digits))
}

/** A repository that was deleted is null in the payload, and the same as none. Names change, ids do not. */
function isSameRepository(head: unknown, base: unknown): boolean {
  const ids = [numberAt(head, 'id'), numberAt(base, 'id')]
  if (ids[0] !== undefined && ids[1] !== undefined) return ids[0] === ids[1]
  const name = textAt(head, 'full_name')
  return name !== undefined && name.toLowerCase() === textAt(base, 'full_name')?.toLowerCase()
}
