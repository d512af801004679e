import {parseRef} from './event-ref.ts'
import type {GitContext, Ref, UpstreamRun} from './git-context.ts'

/** The commit that a build reads, with what is known of it. */
export interface BuiltCommit {
  readonly sha: string
  /** When it was committed (ISO 8601), where a clone says. */
  readonly commitDate: string | undefined
  /** Full ref of the branch that is checked out. */
  readonly branch: string | undefined
  /** Full refs that point at it, as the remote has them. */
  readonly refs: readonly string[]
  /** Whether `refs` holds every tag of the repository that points at it. */
  readonly knowsTags: boolean
  /** Whether the event's commit is one of those before it; undefined where nothing says. */
  readonly followsEvent: boolean | undefined
  /** It was made on top of the event's commit by an earlier step of this job. */
  readonly isMadeHere: boolean
  /** Address of the repository that it comes from. */
  readonly origin: string | undefined
  /** Another repository, inside a checkout of the event's commit. */
  readonly isEnclosed: boolean
}

/** What a person is to know. */
export interface Remark {
  readonly level: 'info' | 'notice' | 'warning'
  readonly text: string
  /**
   * `lost`: the event's ref is not taken; `elsewhere`: it is taken, and is not of the commit that is built. Either is worth more than
   * a line of the log only where something that is planned depends on the ref.
   */
  readonly ref?: 'lost' | 'elsewhere'
}

export interface Followed {
  readonly context: GitContext
  readonly remark: Remark
}

/**
 * The context of a build that reads another commit than the event's: the revision, commit tags and all decisions that rest on
 * them follow what is built. The event's ref stays where that commit is known to be of it, or is asked for by its name (a Git
 * tag, a pull request); a branch that does not hold the commit gives none, since a tag such as `main` would be wrong.
 */
export function followBuilt(context: GitContext, built: BuiltCommit): Followed {
  const {sha, commitDate} = built
  const isOfRepository = isOwnRepository(context, built)
  const isTrusted = !isUntrusted(context.upstream)
  const isOwn = isOfRepository && isTrusted
  const {fullRef, level, says, is} = chooseRef(context, built, {
    isOwn,
    isPackaged: !isOfRepository && isTrusted && built.isEnclosed,
  })
  const source = isOfRepository ? undefined : webAddress(built.origin)
  const instead = {ref: context.ref, fullRef: context.fullRef, sha: context.sha, isOwn, source}
  const followed: GitContext = {...context, ref: parseRef(fullRef), fullRef, sha, commitDate, instead}
  return {context: followed, remark: {level, text: `${builtText(context, built)} ${says}`, ...(is && {ref: is})}}
}

/** Whether a repository's address is that of this run's; one that is only a path, or unknown, counts as it. */
export function isOwnRepository({repository, server}: GitContext, {origin}: Pick<BuiltCommit, 'origin'>): boolean {
  const found = origin === undefined ? undefined : addressOf(origin)
  const own = addressOf(server.url)
  if (found === undefined || own === undefined) return true
  const name = `${own.path}/${repository.owner}/${repository.name}`.replace(/^\//, '').toLowerCase()
  // SSH may have a host of its own: ssh.github.com.
  const isHost = found.host === own.host || found.host.endsWith(`.${own.host}`)
  return isHost && found.path.toLowerCase() === name
}

interface Address {
  readonly host: string
  readonly path: string
}

/** Of `https://host/owner/name.git`, `ssh://git@host:22/owner/name` and `git@host:owner/name`; a path has none. */
function addressOf(url: string): Address | undefined {
  const match =
    /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/:]+(?::\d+)?)(\/.*)?$/i.exec(url) ?? /^(?:[^/@]+@)([^/:]+):(.*)$/.exec(url)
  if (match === null) return undefined
  const [, host = '', rest = ''] = match
  const isSsh = !/^https?:/i.test(url)
  return {
    host: (isSsh ? host.replace(/:\d+$/, '') : host).toLowerCase(),
    path: rest.replace(/^\/+|(?<!\/)\/+$/g, '').replace(/\.git$/i, ''),
  }
}

/** Where people find a repository, for a label; undefined for what is no address of the web. */
function webAddress(origin: string | undefined): string | undefined {
  const address = origin === undefined ? undefined : addressOf(origin)
  if (origin === undefined || address === undefined) return undefined
  const scheme = /^http:/i.test(origin) ? 'http' : 'https'
  return `${scheme}://${address.host}/${address.path}`
}

/** The run that this one follows had the code of others: nothing that a step checked out of it is of this repository's branches. */
function isUntrusted(upstream: UpstreamRun | undefined): boolean {
  return upstream !== undefined && (upstream.fromFork || upstream.event.startsWith('pull_request'))
}

interface Origin {
  /** Of this repository, and nothing of a stranger. */
  readonly isOwn: boolean
  /** Another repository's, beside the commit that the event names. */
  readonly isPackaged: boolean
}

interface RefChoice {
  /** Empty: none. */
  readonly fullRef: string
  readonly level: Remark['level']
  readonly says: string
  readonly is?: Remark['ref']
}

function chooseRef(context: GitContext, built: BuiltCommit, origin: Origin): RefChoice {
  const {ref, fullRef, upstream} = context
  if (ref.kind === 'pull') return {fullRef, level: levelOfPull(context, built), says: follows}
  if (origin.isOwn && built.sha === upstream?.headSha) return upstreamRef(context, upstream, built)
  if (origin.isPackaged) return {fullRef, level: 'notice', says: `${follows} ${packaged}`}
  if (ref.kind === 'tag') {
    if (built.refs.includes(fullRef) || built.isMadeHere) return {fullRef, level: 'notice', says: follows}
    const says = `${follows} ${fullRef} is not known to point to it, and the tags are those of ${fullRef} all the same. ${remedy}`
    return {fullRef, level: 'warning', says, ...(origin.isOwn && {is: 'elsewhere' as const})}
  }
  if (ref.kind === 'branch') return branchRef(context, built, origin.isOwn)
  return {fullRef, level: 'warning', says: `${follows} ${remedy}`}
}

const follows = 'Revision, commit tags and what rests on them follow what is built.'
const packaged = "It is of another repository, inside a checkout of this run's commit: ref and tags are the event's."
const remedy = 'To take ref and commit from the checkout, set `metadata-context: git`.'

function branchRef({ref, fullRef}: GitContext, built: BuiltCommit, isOwn: boolean): RefChoice {
  const isTip = built.refs.includes(fullRef)
  if (isOwn && isTip) return {fullRef, level: 'notice', says: `${follows} ${fullRef} points to it now.`}
  if (isOwn && built.branch === fullRef && built.followsEvent !== false) {
    const says = `${follows} It is on the checked-out branch, so the tags are those of ${fullRef}; the remote is not known to have it.`
    return {fullRef, level: 'warning', says: `${says} ${remedy}`}
  }
  return noRef(ref, fullRef)
}

function noRef(ref: Ref, fullRef: string): RefChoice {
  const name = ref.kind === 'none' ? fullRef : ref.name
  const says = `${follows} It is not known to be the newest commit of ${fullRef}, so rules for the branch (${name}, \`edge\`) give no tag. For the version of a Git tag on that commit, set \`version: auto\`. ${remedy} Or check out ${name}, or write the tags in \`tags\` (type=raw).`
  return {fullRef: '', level: 'warning', says, is: 'lost'}
}

/** The ref that the run before was started for: GitHub gives its name, and not whether it is a branch or a tag. */
function upstreamRef(context: GitContext, {event, headBranch}: UpstreamRun, built: BuiltCommit): RefChoice {
  const {ref, fullRef, repository} = context
  if (headBranch === undefined || event === 'merge_group') return noRef(ref, fullRef)
  const [tag, head] = [`refs/tags/${headBranch}`, `refs/heads/${headBranch}`]
  const isKnownBranch = [fullRef, built.branch, ...built.refs].includes(head) || headBranch === repository.defaultBranch
  const isBranch = isKnownBranch || built.knowsTags || branchEvents.has(event)
  const found = built.refs.includes(tag) ? tag : isBranch ? head : ''
  if (found === '') {
    const says = `${follows} The run that this one follows was for ${headBranch}, and nothing says whether that is a branch or a tag, so it gives no tag. Check it out with its tags (fetch-tags), or set \`metadata-context: git\`.`
    return {fullRef: '', level: 'warning', says}
  }
  const says = `The run that this one follows was for it: ref and tags are those of ${found}.`
  return {fullRef: found, level: 'notice', says}
}

/** Events that GitHub runs on branches alone. */
const branchEvents: ReadonlySet<string> = new Set(['schedule', 'workflow_run', 'repository_dispatch'])

/** For an event that the runner gives the base branch to, whatever else is checked out is what was asked for. */
function levelOfPull(context: GitContext, {sha, refs}: BuiltCommit): Remark['level'] {
  const {ref, pull} = context
  const isNamed = refs.map(parseRef).some((one) => one.kind === 'pull' && ref.kind === 'pull' && one.name === ref.name)
  if (sha === pull?.headSha || isNamed) return 'info'
  if (!isStandIn(context)) return 'warning'
  return pull?.headSha === undefined ? 'info' : 'notice'
}

/** The event is about a pull request, and the runner's commit is that of a branch of the repository itself. */
export function isStandIn({event, eventName, ref}: GitContext): boolean {
  if (ref.kind !== 'pull') return false
  return event === 'pull_request_target' || (event === 'other' && !eventName.startsWith('pull_request'))
}

function builtText({sha, fullRef}: GitContext, built: BuiltCommit): string {
  const names = [built.branch, ...built.refs].filter((name) => name !== undefined)
  const name = names[0] === undefined ? '' : ` (${names[0]})`
  const event = sha === '' ? 'the event has no commit' : `the commit of this run is ${sha}`
  return `context: what is built is commit ${built.sha}${name}, and ${event}${fullRef === '' ? '' : ` (${fullRef})`}.`
}
