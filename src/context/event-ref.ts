import type {GitContext, Ref} from './git-context.ts'
import {commitAt, fieldAt, flagAt, isCommit, isZeroCommit, textAt} from './payload.ts'
import {isMerged, pullNumber} from './pull-request.ts'
import {variable, type RunEvent} from './run-event.ts'

/** Ref and commit of an event. */
type EventTarget = Pick<GitContext, 'ref' | 'fullRef' | 'sha' | 'commitDate' | 'gone' | 'baseRef'>

/**
 * Ref and commit of an event, by the table of "Events that trigger workflows"
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows). They are those
 * that `actions/checkout` checks out, unless the runner sets the default branch in place of another ref.
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

/** Parses a full ref such as `refs/heads/main`. The kind is `none` for any other text. */
export function parseRef(fullRef: string): Ref {
  const branch = afterPrefix(fullRef, 'refs/heads/')
  if (branch !== undefined) return {kind: 'branch', name: branch}
  const tag = afterPrefix(fullRef, 'refs/tags/')
  if (tag !== undefined) return {kind: 'tag', name: tag}
  const pull = /^refs\/pull\/([1-9][0-9]{0,15})\/(?:merge|head)$/.exec(fullRef)?.[1]
  return pull === undefined ? {kind: 'none'} : {kind: 'pull', name: pull}
}

function fullRefOf(event: RunEvent): string {
  const runnerRef = variable(event.environment, 'GITHUB_REF')
  switch (event.kind) {
    case 'pull_request':
      return pullRequestRef(event, runnerRef)
    case 'pull_request_target':
      // The runner sets the base branch, whose code is trusted. The event is about the pull request.
      return pullRef(event)
    case 'release':
      return releaseRef(event, runnerRef)
    case 'other':
      return relatedPullRef(event, runnerRef) ?? runnerRef ?? payloadRef(event)
    default:
      return runnerRef ?? payloadRef(event)
  }
}

/** Ref of the pull request that an event such as a comment is about. The runner may set the default branch. */
function relatedPullRef(event: RunEvent, runnerRef: string | undefined): string | undefined {
  if (runnerRef?.startsWith('refs/pull/') === true || pullNumber(event) === undefined) return undefined
  return pullRef(event)
}

function payloadRef({kind, payload}: RunEvent): string {
  if (kind === 'create') return refOfType(payload)
  return textAt(payload, ...(kind === 'merge_group' ? ['merge_group', 'head_ref'] : ['ref'])) ?? ''
}

/**
 * Ref of a pull request event. After a merge the runner sets the target branch, with its current commit. Before
 * September 2023, and on older Enterprise servers, `refs/heads/` is missing (GitHub's changelog, "Updates to GITHUB_REF
 * and github.ref"). Any other branch name on a pull request is not trusted: its tags would contain unmerged code.
 */
function pullRequestRef(event: RunEvent, runnerRef: string | undefined): string {
  if (runnerRef === undefined || runnerRef.startsWith('refs/pull/')) return runnerRef ?? pullRef(event)
  if (!isMerged(event.payload)) return pullRef(event)
  return runnerRef.startsWith('refs/') ? runnerRef : `refs/heads/${runnerRef}`
}

function pullRef(event: RunEvent): string {
  const number = pullNumber(event)
  return number === undefined ? '' : `refs/pull/${number}/merge`
}

/** Ref of a release. The tag of a draft may not exist: only the ref of the runner is used. */
function releaseRef({payload}: RunEvent, runnerRef: string | undefined): string {
  if (runnerRef?.startsWith('refs/tags/') === true) return runnerRef
  const tag = flagAt(payload, 'release', 'draft') === true ? undefined : textAt(payload, 'release', 'tag_name')
  return tag === undefined ? '' : `refs/tags/${tag}`
}

/** Ref of `create` and `delete` events, which have the name and the type in separate fields. */
function refOfType(payload: unknown): string {
  const name = textAt(payload, 'ref')
  const type = textAt(payload, 'ref_type')
  if (name === undefined || (type !== 'branch' && type !== 'tag')) return ''
  return `${type === 'branch' ? 'refs/heads/' : 'refs/tags/'}${name}`
}

/** Deleted ref, by the payload: the runner sets the default branch and its commit. */
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

/**
 * Reports whether the event withdraws a release or closes a pull request. The ref may still exist, but must not be
 * published.
 */
function isWithdrawn({kind, payload}: RunEvent): boolean {
  const action = textAt(payload, 'action')
  if (kind === 'release')
    return action === 'deleted' || action === 'unpublished' || flagAt(payload, 'release', 'draft') === true
  return (kind === 'pull_request' || kind === 'pull_request_target') && action === 'closed' && !isMerged(payload)
}

function commitOf(event: RunEvent): string {
  const {environment, payload} = event
  const head = usesHeadCommit(event) ? commitAt(payload, 'pull_request', 'head', 'sha') : undefined
  const runnerSha = variable(environment, 'GITHUB_SHA')
  if (head !== undefined) return head
  if (runnerSha !== undefined) return isCommit(runnerSha) ? runnerSha : ''
  return payloadCommit(event) ?? ''
}

function payloadCommit({kind, payload}: RunEvent): string | undefined {
  if (kind === 'pull_request') return commitAt(payload, 'pull_request', 'merge_commit_sha')
  if (kind === 'merge_group') return commitAt(payload, 'merge_group', 'head_sha')
  // `after` is the tag object of an annotated tag, so `head_commit` has priority.
  return kind === 'push' ? (commitAt(payload, 'head_commit', 'id') ?? commitAt(payload, 'after')) : undefined
}

/**
 * Reports whether DOCKER_METADATA_PR_HEAD_SHA is set: https://github.com/docker/metadata-action#environment-variables
 */
function usesHeadCommit({name, environment}: RunEvent): boolean {
  if (!name.startsWith('pull_request')) return false
  return /^\s*(?:true|1|yes|on)\s*$/i.test(variable(environment, 'DOCKER_METADATA_PR_HEAD_SHA') ?? '')
}

/** Date of exactly this commit; the date of another would be wrong in the labels. */
function dateOf(payload: unknown, sha: string): string | undefined {
  const parents = [payload, fieldAt(payload, 'merge_group'), fieldAt(payload, 'workflow_run')]
  const commit = parents.map((parent) => fieldAt(parent, 'head_commit')).find((found) => textAt(found, 'id') === sha)
  const date = textAt(commit, 'timestamp')
  return date !== undefined && /^\d{4}-\d{2}-\d{2}T/.test(date) && !Number.isNaN(Date.parse(date)) ? date : undefined
}

function baseRefOf(event: RunEvent, ref: Ref): string | undefined {
  const {environment, payload} = event
  if (event.kind === 'merge_group') return mergeTarget(payload, ref)
  if (event.kind === 'push') return ref.kind === 'tag' ? branchName(textAt(payload, 'base_ref')) : undefined
  return variable(environment, 'GITHUB_BASE_REF') ?? textAt(payload, 'pull_request', 'base', 'ref')
}

/** Target branch of a merge queue branch `gh-readonly-queue/<target>/pr-<number>-<sha>`. It may contain slashes. */
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
