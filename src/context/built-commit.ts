import {parseRef} from './event-ref.ts'
import type {GitContext, Ref, UpstreamRun} from './git-context.ts'
import {isStandIn} from './pull-request.ts'
import {isOwnRepository, webAddress} from './repository-url.ts'

/** Commit that a build reads, and facts about it. */
export interface BuiltCommit {
  readonly sha: string
  /** Commit date (ISO 8601), if the clone has the commit. */
  readonly commitDate: string | undefined
  /** Full ref of the checked-out branch. */
  readonly branch: string | undefined
  /** Full refs of the remote that point to it. */
  readonly refs: readonly string[]
  /** `refs` contains all tags of the repository that point to it. */
  readonly knowsTags: boolean
  /** The event's commit is an ancestor. Undefined if unknown. */
  readonly followsEvent: boolean | undefined
  /** An earlier step of this job created it on top of the event's commit. */
  readonly isMadeHere: boolean
  /** URL of its repository. */
  readonly origin: string | undefined
  /** Commit of another repository, inside a checkout of the event's commit. */
  readonly isEnclosed: boolean
}

/** Remark for the log. */
export interface Remark {
  readonly level: 'info' | 'notice' | 'warning'
  readonly text: string
  /**
   * `lost`: the event's ref is not used. `elsewhere`: it is used, but does not point to the built commit. If nothing in
   * the plan depends on the ref, the remark has the level `info`.
   */
  readonly ref?: 'lost' | 'elsewhere'
}

/** Context of the built commit, and a remark about the difference from the event. */
export interface Followed {
  readonly context: GitContext
  readonly remark: Remark
}

/**
 * Context of a build that reads another commit than the event's. Revision, commit tags and all decisions that depend on
 * them are those of the built commit. The event's ref is kept if it is known to include that commit, or if it is a Git
 * tag or a pull request. A branch that does not include the commit is dropped, since a tag such as `main` would be
 * wrong.
 */
export function followBuiltCommit(context: GitContext, built: BuiltCommit): Followed {
  const {sha, commitDate} = built
  const isOfRepository = isOwnRepository(context, built)
  const isTrusted = !isUntrusted(context.upstream)
  const isOwn = isOfRepository && isTrusted
  const {fullRef, level, text, refStatus} = chooseRef(context, built, {
    isOwn,
    isNested: !isOfRepository && isTrusted && built.isEnclosed,
  })
  const source = isOfRepository ? undefined : webAddress(built.origin)
  const instead = {ref: context.ref, fullRef: context.fullRef, sha: context.sha, isOwn, source}
  const followed: GitContext = {...context, ref: parseRef(fullRef), fullRef, sha, commitDate, instead}
  return {
    context: followed,
    remark: {level, text: `${builtText(context, built)} ${text}`, ...(refStatus && {ref: refStatus})},
  }
}

/** Reports whether the upstream run had untrusted code: its commits are not on branches of this repository. */
function isUntrusted(upstream: UpstreamRun | undefined): boolean {
  return upstream !== undefined && (upstream.fromFork || upstream.event.startsWith('pull_request'))
}

interface Origin {
  /** The commit is of this repository and trusted. */
  readonly isOwn: boolean
  /** The commit is of another repository, inside a checkout of the event's commit. */
  readonly isNested: boolean
}

interface RefChoice {
  /** Empty if there is no ref. */
  readonly fullRef: string
  readonly level: Remark['level']
  readonly text: string
  readonly refStatus?: Remark['ref']
}

function chooseRef(context: GitContext, built: BuiltCommit, origin: Origin): RefChoice {
  const {ref, fullRef, upstream} = context
  if (ref.kind === 'pull') return {fullRef, level: levelOfPull(context, built), text: metadataText}
  if (origin.isOwn && built.sha === upstream?.headSha) return upstreamRef(context, upstream, built)
  if (origin.isNested) return {fullRef, level: 'notice', text: `${metadataText} ${nestedText}`}
  if (ref.kind === 'tag') {
    if (built.refs.includes(fullRef) || built.isMadeHere) return {fullRef, level: 'notice', text: metadataText}
    const text = `${metadataText} ${fullRef} is not known to point to it, but the tags are those of ${fullRef}. ${remedy}`
    return {fullRef, level: 'warning', text, ...(origin.isOwn && {refStatus: 'elsewhere' as const})}
  }
  if (ref.kind === 'branch') return branchRef(context, built, origin.isOwn)
  return {fullRef, level: 'warning', text: `${metadataText} ${remedy}`}
}

const metadataText = 'Revision, commit tags and decisions that depend on them are those of the built commit.'
const nestedText =
  "It is a commit of another repository, inside a checkout of this run's commit. Ref and tags are those of the event."
const remedy = 'To use the ref and commit of the checkout instead, set `metadata-context: git`.'

function branchRef({ref, fullRef}: GitContext, built: BuiltCommit, isOwn: boolean): RefChoice {
  const isTip = built.refs.includes(fullRef)
  if (isOwn && isTip) return {fullRef, level: 'notice', text: `${metadataText} ${fullRef} points to it now.`}
  if (isOwn && built.branch === fullRef && built.followsEvent !== false) {
    const text = `${metadataText} It is on the checked-out branch, so the tags are those of ${fullRef}. The remote is not known to have it.`
    return {fullRef, level: 'warning', text: `${text} ${remedy}`}
  }
  return noRef(ref, fullRef)
}

function noRef(ref: Ref, fullRef: string): RefChoice {
  const name = ref.kind === 'none' ? fullRef : ref.name
  const text = `${metadataText} It is not known to be the newest commit of ${fullRef}, so rules for the branch (${name}, \`edge\`) produce no tag. For the version of a Git tag on that commit, set \`version: auto\`. ${remedy} Or check out ${name}, or set the tags in \`tags\` (type=raw).`
  return {fullRef: '', level: 'warning', text, refStatus: 'lost'}
}

/** Chooses the ref of the upstream run. GitHub gives its name, but not whether it is a branch or a tag. */
function upstreamRef(context: GitContext, {event, headBranch}: UpstreamRun, built: BuiltCommit): RefChoice {
  const {ref, fullRef, repository} = context
  if (headBranch === undefined || event === 'merge_group') return noRef(ref, fullRef)
  const [tag, head] = [`refs/tags/${headBranch}`, `refs/heads/${headBranch}`]
  const isKnownBranch = [fullRef, built.branch, ...built.refs].includes(head) || headBranch === repository.defaultBranch
  const isBranch = isKnownBranch || built.knowsTags || branchEvents.has(event)
  const found = built.refs.includes(tag) ? tag : isBranch ? head : ''
  if (found === '') {
    const text = `${metadataText} The upstream run was for ${headBranch}. Whether that is a branch or a tag is unknown, so it produces no tag. Check it out with its tags (fetch-tags), or set \`metadata-context: git\`.`
    return {fullRef: '', level: 'warning', text}
  }
  const text = `It is the commit of the upstream run: ref and tags are those of ${found}.`
  return {fullRef: found, level: 'notice', text}
}

/** Events whose runs are always for a branch. */
const branchEvents: ReadonlySet<string> = new Set(['schedule', 'workflow_run', 'repository_dispatch'])

/** Level of the remark for a pull request: lower if the runner checks out the base branch by default. */
function levelOfPull(context: GitContext, {sha, refs}: BuiltCommit): Remark['level'] {
  const {ref, pull} = context
  const isNamed = refs.map(parseRef).some((one) => one.kind === 'pull' && ref.kind === 'pull' && one.name === ref.name)
  if (sha === pull?.headSha || isNamed) return 'info'
  if (!isStandIn(context)) return 'warning'
  return pull?.headSha === undefined ? 'info' : 'notice'
}

function builtText({sha, fullRef}: GitContext, built: BuiltCommit): string {
  const names = [built.branch, ...built.refs].filter((name) => name !== undefined)
  const name = names[0] === undefined ? '' : ` (${names[0]})`
  const event = sha === '' ? 'the event has no commit' : `the commit of this run is ${sha}`
  return `context: the built commit is ${built.sha}${name}, and ${event}${fullRef === '' ? '' : ` (${fullRef})`}.`
}
