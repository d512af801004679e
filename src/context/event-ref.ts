import type {Ref} from './git-context.ts'
import {commitAt, fieldAt, flagAt, isCommit, isZeroCommit, textAt} from './payload.ts'
import {isMerged, pullNumber} from './pull-request.ts'
import {variable, type RunEvent} from './run-event.ts'

/** What an event points at; the fields are those of GitContext. */
export interface EventTarget {
  readonly ref: Ref
  readonly fullRef: string
  readonly sha: string
  readonly commitDate: string | undefined
  readonly gone: boolean
  readonly baseRef: string | undefined
}

/**
 * Ref and commit of an event, by the table of "Events that trigger workflows"
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows): what
 * `actions/checkout` checks out, except where the runner names the default branch for something that it stands in for.
 */
export function readTarget(event: RunEvent): EventTarget {
  const deleted = isDeletion(event)
  const named = deleted ? deletedRef(event) : fullRefOf(event)
  const ref = parseRef(named)
  const sha = deleted ? '' : commitOf(event)
  return {
    ref,
    fullRef: ref.kind === 'none' ? '' : named,
    sha,
    commitDate: dateOf(event.payload, sha),
    gone: deleted || isWithdrawn(event),
    baseRef: baseRefOf(event, ref),
  }
}

/** `refs/heads/main` and the like; anything else is no ref. */
export function parseRef(fullRef: string): Ref {
  const branch = afterPrefix(fullRef, 'refs/heads/')
  if (branch !== undefined) return {kind: 'branch', name: branch}
  const tag = afterPrefix(fullRef, 'refs/tags/')
  if (tag !== undefined) return {kind: 'tag', name: tag}
  const pull = /^refs\/pull\/([1-9][0-9]{0,15})\/(?:merge|head)$/.exec(fullRef)?.[1]
  return pull === undefined ? {kind: 'none'} : {kind: 'pull', name: pull}
}

function fullRefOf(event: RunEvent): string {
  const given = variable(event.environment, 'GITHUB_REF')
  switch (event.kind) {
    case 'pull_request':
      return pullRequestRef(event, given)
    case 'pull_request_target':
      // The runner names the base branch, whose code it trusts; what is asked for is the pull request.
      return pullRef(event)
    case 'release':
      return releaseRef(event, given)
    case 'other':
      return aboutPull(event, given) ?? given ?? payloadRef(event)
    default:
      return given ?? payloadRef(event)
  }
}

/** A comment on a pull request, and other events about one: the runner may name the default branch. */
function aboutPull(event: RunEvent, given: string | undefined): string | undefined {
  if (given?.startsWith('refs/pull/') === true || pullNumber(event) === undefined) return undefined
  return pullRef(event)
}

function payloadRef({kind, payload}: RunEvent): string {
  if (kind === 'create') return refOfType(payload)
  return textAt(payload, ...(kind === 'merge_group' ? ['merge_group', 'head_ref'] : ['ref'])) ?? ''
}

/**
 * After a merge the runner names the branch that was merged into, with the commit that is there now; before September
 * 2023, and on older Enterprise servers, without `refs/heads/` (GitHub's changelog, "Updates to GITHUB_REF and
 * github.ref"). Any other branch name on a pull request is not trusted: its tags would carry unmerged code.
 */
function pullRequestRef(event: RunEvent, given: string | undefined): string {
  if (given === undefined || given.startsWith('refs/pull/')) return given ?? pullRef(event)
  if (!isMerged(event.payload)) return pullRef(event)
  return given.startsWith('refs/') ? given : `refs/heads/${given}`
}

function pullRef(event: RunEvent): string {
  const number = pullNumber(event)
  return number === undefined ? '' : `refs/pull/${number}/merge`
}

/** A draft's tag need not exist yet: only the runner can tell. */
function releaseRef({payload}: RunEvent, given: string | undefined): string {
  if (given?.startsWith('refs/tags/') === true) return given
  const tag = flagAt(payload, 'release', 'draft') === true ? undefined : textAt(payload, 'release', 'tag_name')
  return tag === undefined ? '' : `refs/tags/${tag}`
}

/** `create` and `delete` name the ref and its type apart. */
function refOfType(payload: unknown): string {
  const name = textAt(payload, 'ref')
  const type = textAt(payload, 'ref_type')
  if (name === undefined || (type !== 'branch' && type !== 'tag')) return ''
  return `${type === 'branch' ? 'refs/heads/' : 'refs/tags/'}${name}`
}

/** For a ref that is gone the runner names the default branch and its commit: the payload alone knows what it was. */
function deletedRef(event: RunEvent): string {
  if (event.kind === 'push') return textAt(event.payload, 'ref') ?? ''
  return refOfType(event.payload)
}

function isDeletion({kind, name, environment, payload}: RunEvent): boolean {
  if (name === 'delete') return true
  if (kind !== 'push' && kind !== 'create') return false
  const tips = [variable(environment, 'GITHUB_SHA'), textAt(payload, 'after')]
  return flagAt(payload, 'deleted') === true || tips.some((tip) => tip !== undefined && isZeroCommit(tip))
}

/** The ref may still be there, but nobody is to be given what it holds. */
function isWithdrawn({kind, payload}: RunEvent): boolean {
  const action = textAt(payload, 'action')
  if (kind === 'release')
    return action === 'deleted' || action === 'unpublished' || flagAt(payload, 'release', 'draft') === true
  return (kind === 'pull_request' || kind === 'pull_request_target') && action === 'closed' && !isMerged(payload)
}

function commitOf(event: RunEvent): string {
  const {environment, payload} = event
  const head = wantsHeadCommit(event) ? commitAt(payload, 'pull_request', 'head', 'sha') : undefined
  const given = variable(environment, 'GITHUB_SHA')
  if (head !== undefined) return head
  if (given !== undefined) return isCommit(given) ? given : ''
  return payloadCommit(event) ?? ''
}

function payloadCommit({kind, payload}: RunEvent): string | undefined {
  if (kind === 'pull_request') return commitAt(payload, 'pull_request', 'merge_commit_sha')
  if (kind === 'merge_group') return commitAt(payload, 'merge_group', 'head_sha')
  // `after` is the tag object when an annotated tag was pushed, so the commit is asked first.
  return kind === 'push' ? (commitAt(payload, 'head_commit', 'id') ?? commitAt(payload, 'after')) : undefined
}

/** As docker/metadata-action has it: https://github.com/docker/metadata-action#environment-variables */
function wantsHeadCommit({name, environment}: RunEvent): boolean {
  if (!name.startsWith('pull_request')) return false
  return /^\s*(?:true|1|yes|on)\s*$/i.test(variable(environment, 'DOCKER_METADATA_PR_HEAD_SHA') ?? '')
}

/** Date of the very commit that is built; that of any other would be a lie in the labels. */
function dateOf(payload: unknown, sha: string): string | undefined {
  const holders = [payload, fieldAt(payload, 'merge_group'), fieldAt(payload, 'workflow_run')]
  const commit = holders.map((holder) => fieldAt(holder, 'head_commit')).find((found) => textAt(found, 'id') === sha)
  const date = textAt(commit, 'timestamp')
  return date !== undefined && /^\d{4}-\d{2}-\d{2}T/.test(date) && !Number.isNaN(Date.parse(date)) ? date : undefined
}

function baseRefOf(event: RunEvent, ref: Ref): string | undefined {
  const {environment, payload} = event
  if (event.kind === 'merge_group') return mergeTarget(payload, ref)
  if (event.kind === 'push') return ref.kind === 'tag' ? branchName(textAt(payload, 'base_ref')) : undefined
  return variable(environment, 'GITHUB_BASE_REF') ?? textAt(payload, 'pull_request', 'base', 'ref')
}

/** The queue's branch is `gh-readonly-queue/<target>/pr-<number>-<sha>`; the target may hold slashes itself. */
function mergeTarget(payload: unknown, ref: Ref): string | undefined {
  const stated = branchName(textAt(payload, 'merge_group', 'base_ref'))
  if (stated !== undefined || ref.kind !== 'branch') return stated
  return /^gh-readonly-queue\/(.+)\/pr-[^/]+$/.exec(ref.name)?.[1]
}

function branchName(fullRef: string | undefined): string | undefined {
  return fullRef === undefined ? undefined : afterPrefix(fullRef, 'refs/heads/')
}

function afterPrefix(text: string, prefix: string): string | undefined {
  return text.startsWith(prefix) && text.length > prefix.length ? text.slice(prefix.length) : undefined
}
