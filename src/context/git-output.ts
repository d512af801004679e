import * as semver from 'semver'
import {parseRef} from './event-ref.ts'
import type {GitContext, Ref} from './git-context.ts'
import {isCommit} from './payload.ts'

/** What a clone says of the commit that is checked out: the values before anything is chosen. */
export interface LocalGit {
  /** 40 or 64 hex digits. */
  readonly sha: string
  /** When it was committed (ISO 8601). */
  readonly commitDate: string | undefined
  /** Full ref of the branch that is checked out; undefined when HEAD is detached. */
  readonly branch: string | undefined
  /**
   * With a detached HEAD: the full refs that point at it, as the remote knows them (`refs/heads/main`, not
   * `refs/remotes/origin/main`), each once.
   */
  readonly refs: readonly string[]
}

/** Output of `git log --format=%H%n%cI`. Undefined when it is not that. */
export function parseCommit(output: string): Pick<LocalGit, 'sha' | 'commitDate'> | undefined {
  const [sha = '', date = ''] = lines(output)
  if (!isCommit(sha)) return undefined
  return {sha, commitDate: Number.isNaN(Date.parse(date)) ? undefined : date}
}

/**
 * Output of `git for-each-ref --format=%(refname)`, as refs of the remote. actions/checkout fetches branches into
 * `refs/remotes/origin/…` and pull requests into `refs/remotes/pull/…`
 * (https://github.com/actions/checkout/blob/main/src/ref-helper.ts).
 */
export function parseRefs(output: string): readonly string[] {
  const known = lines(output).flatMap((name) => remoteRef(name) ?? [])
  return [...new Set(known)]
}

/** The names among full refs that are tags. */
export function tagNames(refs: readonly string[]): readonly string[] {
  return refs.flatMap((fullRef) => {
    const ref = parseRef(fullRef)
    return ref.kind === 'tag' ? [ref.name] : []
  })
}

/** The tags that are a full version and nothing else (`v1.2.3`), the highest first. */
export function versionTags(names: readonly string[]): readonly string[] {
  return byVersion(names.filter((name) => semver.valid(name) !== null))
}

export interface RefChoice {
  /** Empty when nothing names the commit. */
  readonly fullRef: string
  /** What a reader should know: what else could have been taken, or why there is no ref. */
  readonly note: string | undefined
}

/**
 * Which ref the checked-out commit stands for. A branch that is checked out says so itself. A detached HEAD is, in this
 * order, the tag, pull request or branch that points at it, as in docker/metadata-action; of several, the one that the
 * event names, else the highest version or the default branch. A branch that merely contains the commit is not taken:
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
    if (first !== undefined) return {fullRef: first, note: others.length === 0 ? undefined : severalNote(first, others)}
  }
  return withoutRefs(local, context)
}

/** `refs/remotes/origin/main` is the branch `main`, `refs/remotes/pull/12/merge` the pull request 12. */
function remoteRef(name: string): string | undefined {
  const pull = /^refs\/remotes\/(pull\/[1-9][0-9]*\/(?:merge|head))$/.exec(name)?.[1]
  if (pull !== undefined) return `refs/${pull}`
  const branch = /^refs\/remotes\/[^/]+\/(.+)$/.exec(name)?.[1]
  // What HEAD of the remote points at is in the list under its own name.
  if (branch === 'HEAD') return undefined
  const fullRef = branch === undefined ? name : `refs/heads/${branch}`
  return parseRef(fullRef).kind === 'none' ? undefined : fullRef
}

function ranked(
  refs: readonly string[],
  {fullRef, repository}: GitContext,
  prefersTag: (name: string) => boolean,
): readonly string[] {
  const wanted = (candidate: string): boolean => {
    const {kind, name} = namedRef(candidate)
    return kind === 'tag' ? prefersTag(name) : kind === 'branch' && name === repository.defaultBranch
  }
  const ordered = byVersion(refs)
  const preferred = [...ordered.filter(wanted), ...ordered.filter((candidate) => !wanted(candidate))]
  return refs.includes(fullRef) ? [fullRef, ...preferred.filter((candidate) => candidate !== fullRef)] : preferred
}

/**
 * Nothing points at the commit, as after a shallow checkout of a bare commit id. When it is the event's own commit, the
 * event's ref is the answer; otherwise the commit has no name, and rules such as `type=sha` are what is left.
 */
function withoutRefs({sha}: LocalGit, {event, ref, fullRef, sha: eventSha, pull}: GitContext): RefChoice {
  // The event's commit is the base branch's there, and its ref the pull request.
  const isEventCommit = sha === eventSha && event !== 'pull_request_target'
  const isPullHead = ref.kind === 'pull' && sha === pull?.headSha
  if (fullRef !== '' && (isEventCommit || isPullHead))
    return {fullRef, note: `no ref of the clone points at ${sha.slice(0, 7)}: ${fullRef} is taken from the event`}
  return {fullRef: '', note: `no branch or tag of the clone points at ${sha.slice(0, 7)}, so that it has no name`}
}

function severalNote(first: string, others: readonly string[]): string {
  return `the commit has several names: ${first} is taken, not ${others.join(', ')}`
}

/** Versions before anything else, the highest first; among the rest `9` counts less than `10`. */
function byVersion(names: readonly string[]): readonly string[] {
  // Made here, not with the module: it loads data of languages, for milliseconds, and few runs read the clone.
  const naturally = new Intl.Collator('en', {numeric: true})
  return [...names].sort((a, b) => {
    const [first, second] = [versionIn(a), versionIn(b)]
    if (first !== undefined && second !== undefined) {
      const order = semver.rcompare(first, second)
      if (order !== 0) return order
    } else if (first !== second) return first === undefined ? 1 : -1
    return naturally.compare(b, a)
  })
}

/** The version that a name is or ends in: of `v1.2.3`, `refs/tags/v1.2.3` and `api-v1.2.3`. */
function versionIn(name: string): string | undefined {
  const text = /(?:^|[/@-])(v?\d+\.\d+\.\d+[0-9A-Za-z.+-]*)$/.exec(name)?.[1]
  return text !== undefined && semver.valid(text) !== null ? text : undefined
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
