import {parseRef} from './event-ref.ts'
import type {GitContext, Ref} from './git-context.ts'
import {isCommit} from './payload.ts'
import {byVersion} from './version-tags.ts'

/** Checked-out commit of a clone, and the refs that point to it. */
export interface LocalGit {
  /** 40 or 64 hex digits. */
  readonly sha: string
  /** Commit date (ISO 8601). */
  readonly commitDate: string | undefined
  /** Full ref of the checked-out branch. Undefined if HEAD is detached. */
  readonly branch: string | undefined
  /**
   * Full refs that point to it if HEAD is detached, as in the remote (`refs/heads/main`, not
   * `refs/remotes/origin/main`), without duplicates.
   */
  readonly refs: readonly string[]
}

/** Parses the output of `git log --format=%H%n%cI`. Undefined for any other text. */
export function parseCommit(output: string): Pick<LocalGit, 'sha' | 'commitDate'> | undefined {
  const [sha = '', date = ''] = lines(output)
  if (!isCommit(sha)) return undefined
  return {sha, commitDate: Number.isNaN(Date.parse(date)) ? undefined : date}
}

/**
 * Parses the output of `git for-each-ref --format=%(refname)` to refs of the remote. actions/checkout fetches branches
 * into `refs/remotes/origin/…` and pull requests into `refs/remotes/pull/…`
 * (https://github.com/actions/checkout/blob/main/src/ref-helper.ts).
 */
export function parseRefs(output: string): readonly string[] {
  const known = lines(output).flatMap((name) => remoteRef(name) ?? [])
  return [...new Set(known)]
}

/** Names of the tags among full refs. */
export function tagNames(refs: readonly string[]): readonly string[] {
  return refs.flatMap((fullRef) => {
    const ref = parseRef(fullRef)
    return ref.kind === 'tag' ? [ref.name] : []
  })
}

/** Ref of the checked-out commit. */
interface RefChoice {
  /** Empty if no ref points to the commit. */
  readonly fullRef: string
  /** Remark for the log: the refs that were not chosen, or the reason for no ref. */
  readonly note: string | undefined
}

/**
 * Chooses the ref of the checked-out commit. It is the checked-out branch. With a detached HEAD it is, in this order,
 * the tag, pull request or branch that points to the commit, as in docker/metadata-action. Of several refs it is that
 * of the event, else the highest version or the default branch. A branch that only contains the commit is not chosen:
 * its tag would move back to an older commit.
 */
export function chooseRef(
  local: LocalGit,
  context: GitContext,
  prefersTag: (name: string) => boolean = () => false,
): RefChoice {
  if (local.branch !== undefined) return {fullRef: local.branch, note: undefined}
  for (const kind of ['tag', 'pull', 'branch'] as const) {
    const found = local.refs.filter((fullRef) => parseRef(fullRef).kind === kind)
    const [first, ...others] = ranked(found, context, prefersTag)
    if (first !== undefined)
      return {fullRef: first, note: others.length === 0 ? undefined : ambiguousNote(first, others)}
  }
  return fallbackRef(local, context)
}

/**
 * Ref of the remote: `refs/remotes/origin/main` is the branch `main`, `refs/remotes/pull/12/merge` the pull request 12.
 */
function remoteRef(name: string): string | undefined {
  const pull = /^refs\/remotes\/(pull\/[1-9][0-9]*\/(?:merge|head))$/.exec(name)?.[1]
  if (pull !== undefined) return `refs/${pull}`
  const branch = /^refs\/remotes\/[^/]+\/(.+)$/.exec(name)?.[1]
  // The list also has the branch that HEAD of the remote points to.
  if (branch === 'HEAD') return undefined
  const fullRef = branch === undefined ? name : `refs/heads/${branch}`
  return parseRef(fullRef).kind === 'none' ? undefined : fullRef
}

function ranked(
  refs: readonly string[],
  {fullRef, repository}: GitContext,
  prefersTag: (name: string) => boolean,
): readonly string[] {
  const isPreferred = (candidate: string): boolean => {
    const {kind, name} = namedRef(candidate)
    return kind === 'tag' ? prefersTag(name) : kind === 'branch' && name === repository.defaultBranch
  }
  const ordered = byVersion(refs)
  const preferred = [...ordered.filter(isPreferred), ...ordered.filter((candidate) => !isPreferred(candidate))]
  return refs.includes(fullRef) ? [fullRef, ...preferred.filter((candidate) => candidate !== fullRef)] : preferred
}

/**
 * Ref of a commit that no ref points to, as after a shallow checkout of a commit id. It is the event's ref if the
 * commit is that of the event. Otherwise there is none, and only rules such as `type=sha` produce tags.
 */
function fallbackRef({sha}: LocalGit, {event, ref, fullRef, sha: eventSha, pull}: GitContext): RefChoice {
  // On pull_request_target the event's commit is that of the base branch, and its ref is the pull request.
  const isEventCommit = sha === eventSha && event !== 'pull_request_target'
  const isPullHead = ref.kind === 'pull' && sha === pull?.headSha
  if (fullRef !== '' && (isEventCommit || isPullHead))
    return {fullRef, note: `no ref of the clone points to ${sha.slice(0, 7)}: using ${fullRef} of the event`}
  return {fullRef: '', note: `no branch or tag of the clone points to ${sha.slice(0, 7)}, so it has no ref`}
}

function ambiguousNote(first: string, others: readonly string[]): string {
  return `several refs point to the commit: using ${first}, not ${others.join(', ')}`
}

function namedRef(fullRef: string): {readonly kind: Ref['kind']; readonly name: string} {
  const ref = parseRef(fullRef)
  return ref.kind === 'none' ? {kind: 'none', name: ''} : ref
}

function lines(output: string): readonly string[] {
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
