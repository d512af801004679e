import {isPreReleaseName} from './full-ref.ts'
import {
  accountOf,
  baseCommit,
  commitOf,
  forkOf,
  headCommit,
  idOf,
  repositoryOf,
  secondsOf,
  shortName,
  type JsonObject,
  type Occasion,
} from './payload-parts.ts'

/** Values that an event sets besides the facts that every run has. */
interface EventFacts {
  /** Value of `GITHUB_REF`. */
  readonly ref: string
  readonly sha: string
  readonly headRef?: string
  readonly baseRef?: string
  readonly payload: JsonObject
}

/**
 * Facts of an event, by "Events that trigger workflows"
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows).
 */
export function factsOf(occasion: Occasion): EventFacts {
  const {event} = occasion
  const facts = Object.hasOwn(events, event) ? events[event] : undefined
  const {payload, ...rest} = (facts ?? ofDefaultBranch)(occasion)
  return {...rest, payload: {...payload, repository: repositoryOf(occasion), sender: accountOf(occasion.actor)}}
}

const events: Readonly<Record<string, (occasion: Occasion) => EventFacts>> = {
  push: pushed,
  pull_request: pullRequest,
  pull_request_target: pullRequestTarget,
  schedule: scheduled,
  workflow_dispatch: dispatched,
  release: released,
  merge_group: mergeGroup,
  delete: deleted,
  create: created,
  workflow_run: workflowRun,
  repository_dispatch: repositoryDispatch,
  issue_comment: commented,
}

function branchOf({ref, defaultBranch}: Occasion): string {
  return ref ?? `refs/heads/${defaultBranch}`
}

function pushed(occasion: Occasion): EventFacts {
  const {sha, actor} = occasion
  const ref = branchOf(occasion)
  const isTag = ref.startsWith('refs/tags/')
  const head = commitOf(occasion, sha)
  const payload = {
    ref,
    before: isTag ? '0'.repeat(40) : baseCommit,
    after: sha,
    created: isTag,
    deleted: false,
    forced: false,
    base_ref: null,
    commits: isTag ? [] : [head],
    head_commit: head,
    pusher: {name: actor, email: `${actor}@users.noreply.github.com`},
  }
  return {ref, sha, payload}
}

function pullRequest(occasion: Occasion): EventFacts {
  const {number, sha, action = 'synchronize', merged = false} = occasion
  const baseRef = baseBranch(occasion)
  const pull = pullOf(occasion)
  const facts = {sha, headRef: headBranch(occasion), baseRef}
  const ref = action === 'closed' && merged ? `refs/heads/${baseRef}` : `refs/pull/${number}/merge`
  return {...facts, ref, payload: {action, number, pull_request: pull}}
}

/** Event of a pull request whose run has the ref and the commit of the target branch. */
function pullRequestTarget(occasion: Occasion): EventFacts {
  const {number, sha, baseSha = sha, action = 'synchronize'} = occasion
  const baseRef = baseBranch(occasion)
  const facts = {ref: `refs/heads/${baseRef}`, headRef: headBranch(occasion), baseRef}
  return {...facts, sha: baseSha, payload: {action, number, pull_request: pullOf(occasion)}}
}

function headBranch(occasion: Occasion): string {
  const {ref} = occasion
  const name = ref?.startsWith('refs/heads/') === true ? shortName(ref) : 'feature'
  return name === baseBranch(occasion) ? 'feature' : name
}

/** Branch that a pull request is for. */
function baseBranch({baseRef, defaultBranch}: Occasion): string {
  return baseRef ?? defaultBranch
}

function pullOf(occasion: Occasion): JsonObject {
  const {number, repository, actor, sha, baseSha = baseCommit, now, action, merged = false, fork = false} = occasion
  const isClosed = action === 'closed'
  const own = repositoryOf(occasion)
  const head = fork ? forkOf(occasion) : own
  return {
    id: idOf(`${repository}#${number}`),
    number,
    state: isClosed ? 'closed' : 'open',
    title: 'Change the app',
    html_url: `https://github.com/${repository}/pull/${number}`,
    user: accountOf(actor),
    draft: false,
    labels: [],
    merged: isClosed && merged,
    merge_commit_sha: sha,
    merged_at: isClosed && merged ? secondsOf(now) : null,
    closed_at: isClosed ? secondsOf(now) : null,
    head: {ref: headBranch(occasion), sha: headCommit, label: headBranch(occasion), repo: head, user: accountOf(actor)},
    base: {ref: baseBranch(occasion), sha: baseSha, label: baseBranch(occasion), repo: own, user: own['owner']},
  }
}

function scheduled(occasion: Occasion): EventFacts {
  const {schedule = '30 3 * * *'} = occasion
  return {...ofDefaultBranch(occasion), payload: {schedule, workflow: '.github/workflows/publish.yml'}}
}

function dispatched(occasion: Occasion): EventFacts {
  const {sha, inputs = {}} = occasion
  const ref = branchOf(occasion)
  return {ref, sha, payload: {ref, inputs, workflow: '.github/workflows/publish.yml'}}
}

function released(occasion: Occasion): EventFacts {
  const {sha, repository, actor, now, defaultBranch, action = 'published'} = occasion
  const tag = shortName(occasion.ref ?? 'refs/tags/v1.2.3')
  const {prerelease = isPreReleaseName(tag)} = occasion
  const release = {
    id: idOf(tag),
    tag_name: tag,
    name: tag,
    target_commitish: defaultBranch,
    draft: false,
    prerelease,
    html_url: `https://github.com/${repository}/releases/tag/${tag}`,
    author: accountOf(actor),
    created_at: secondsOf(now),
    published_at: secondsOf(now),
    body: '',
    assets: [],
  }
  return {ref: `refs/tags/${tag}`, sha, payload: {action, release}}
}

function mergeGroup(occasion: Occasion): EventFacts {
  const {sha, number, defaultBranch, action = 'checks_requested'} = occasion
  const queued = `refs/heads/gh-readonly-queue/${defaultBranch}/pr-${number}-${baseCommit}`
  const headRef = occasion.ref?.startsWith('refs/heads/gh-readonly-queue/') === true ? occasion.ref : queued
  const group = {
    head_sha: sha,
    head_ref: headRef,
    base_sha: baseCommit,
    base_ref: `refs/heads/${defaultBranch}`,
    head_commit: commitOf(occasion, sha),
  }
  return {ref: headRef, sha, payload: {action, merge_group: group}}
}

/** Deletion of a branch or a tag, whose run has the ref and the commit of the default branch. */
function deleted(occasion: Occasion): EventFacts {
  return {...ofDefaultBranch(occasion), payload: {...namedRef(occasion, 'refs/heads/feature'), pusher_type: 'user'}}
}

function created(occasion: Occasion): EventFacts {
  const {sha, defaultBranch} = occasion
  const payload = {...namedRef(occasion, 'refs/heads/feature'), master_branch: defaultBranch, pusher_type: 'user'}
  return {ref: occasion.ref ?? 'refs/heads/feature', sha, payload}
}

function namedRef({ref}: Occasion, otherwise: string): JsonObject {
  const named = ref ?? otherwise
  return {ref: shortName(named), ref_type: named.startsWith('refs/tags/') ? 'tag' : 'branch'}
}

function workflowRun(occasion: Occasion): EventFacts {
  const {sha, actor, action = 'completed'} = occasion
  const run = {
    id: 1,
    name: 'CI',
    event: 'push',
    status: 'completed',
    conclusion: 'success',
    head_branch: shortName(branchOf(occasion)),
    head_sha: sha,
    head_commit: commitOf(occasion, sha),
    head_repository: repositoryOf(occasion),
    actor: accountOf(actor),
  }
  return {...ofDefaultBranch(occasion), payload: {action, workflow_run: run, workflow: {name: 'CI'}}}
}

function repositoryDispatch(occasion: Occasion): EventFacts {
  const {action = 'publish', defaultBranch} = occasion
  return {...ofDefaultBranch(occasion), payload: {action, branch: defaultBranch, client_payload: {}}}
}

function commented(occasion: Occasion): EventFacts {
  const {action = 'created', number, actor, repository} = occasion
  const pull = {html_url: `https://github.com/${repository}/pull/${number}`}
  const issue = {number, state: 'open', user: accountOf(actor), pull_request: pull}
  return {...ofDefaultBranch(occasion), payload: {action, issue, comment: {id: 1, user: accountOf(actor)}}}
}

/** Run with the ref and the commit of the default branch. */
function ofDefaultBranch({defaultBranch, sha, action}: Occasion): EventFacts {
  return {ref: `refs/heads/${defaultBranch}`, sha, payload: action === undefined ? {} : {action}}
}
