import {TagboatError} from '../errors/error.ts'
import {parseRef} from './event-ref.ts'
import type {GitContext, PullRequest} from './git-context.ts'
import {chooseRef, parseCommit, parseRefs, tagNames, type LocalGit} from './git-output.ts'
import {isCommit} from './payload.ts'

export type {LocalGit}

export interface GitResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `git` with these arguments in the checkout. Ends with a code other than 0 where Git is missing, too. */
export type GitRunner = (args: readonly string[]) => Promise<GitResult>

/** What runs `git`: `Processes` of the edges has this shape. */
export interface GitProcesses {
  capture(command: {
    readonly file: string
    readonly args: readonly string[]
    readonly env: Readonly<Record<string, string>>
  }): Promise<GitResult>
}

/** As a shell tells it: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02 */
const missingProgram = 127

/** `git` in a directory, with the environment of the step. Its messages come in English, and it asks nobody anything. */
export function gitRunner(
  processes: GitProcesses,
  directory: string,
  env: Readonly<Record<string, string>>,
): GitRunner {
  const quiet = {...env, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0'}
  return async (args) => {
    try {
      return await processes.capture({file: 'git', args: ['-C', directory, ...args], env: quiet})
    } catch (error) {
      if (!isMissingProgram(error)) throw error
      return {exitCode: missingProgram, stdout: '', stderr: 'git: not found'}
    }
  }
}

/**
 * The commit that is checked out and what points at it: `metadata-context: git`. Nothing is fetched, so that it works in
 * a shallow clone as well.
 * @throws TagboatError `git-missing` when there is no Git, `clone-missing` when there is no repository, or no commit in it.
 */
export async function readLocalGit(run: GitRunner): Promise<LocalGit> {
  // The user's `log.showSignature` would print among the lines.
  const log = await run(['log', '-1', '--no-show-signature', '--no-decorate', commitFormat, 'HEAD', '--'])
  const commit = log.exitCode === 0 ? parseCommit(log.stdout) : undefined
  if (commit === undefined) throw noCommit(log)
  const head = await run(['symbolic-ref', '--quiet', 'HEAD'])
  const branch = head.stdout.trim()
  if (head.exitCode === 0 && parseRef(branch).kind === 'branch') return {...commit, branch, refs: []}
  return {...commit, branch: undefined, refs: await refsAt(run, commit.sha, everywhere)}
}

/**
 * The context with ref and commit of the clone instead of the event's. What kind of event it was, and what it says of
 * pull requests, forks and deletions, stays: whether to publish does not depend on what a step checked out. `chooseRef`
 * has the note for the log. `prefersTag` tells the tags that are this image's, where a commit has those of several.
 */
export function withLocalGit(context: GitContext, local: LocalGit, prefersTag?: (name: string) => boolean): GitContext {
  const {fullRef} = chooseRef(local, context, prefersTag)
  const ref = parseRef(fullRef)
  const {sha, commitDate} = local
  const pull = ref.kind === 'pull' ? pullOf(Number(ref.name), context.pull) : context.pull
  return {...context, ref, fullRef: ref.kind === 'none' ? '' : fullRef, sha, commitDate, pull}
}

/** Every tag of the clone that points at a commit, a component's (`api/v1.2.3`) too. None where there is no clone. */
export async function tagsAt(run: GitRunner, sha: string): Promise<readonly string[]> {
  return tagNames(await refsAt(run, sha, ['refs/tags']))
}

/** When a commit was committed (ISO 8601). Undefined where the clone does not have it, and where there is none. */
export async function commitDateAt(run: GitRunner, sha: string): Promise<string | undefined> {
  if (!isCommit(sha)) return undefined
  const {exitCode, stdout} = await run(['show', '-s', '--no-show-signature', '--no-decorate', commitFormat, sha, '--'])
  return exitCode === 0 ? parseCommit(stdout)?.commitDate : undefined
}

/** Full refs that point at a commit, as `origin` has them; of local branches those that are not checked out count too. */
export async function refsOfCommit(run: GitRunner, sha: string, branch?: string): Promise<readonly string[]> {
  const {exitCode, stdout} = await run(['for-each-ref', `--points-at=${sha}`, '--format=%(refname)', ...ofOrigin])
  if (exitCode !== 0) return []
  return parseRefs(
    stdout
      .split('\n')
      .filter((name) => name.trim() !== branch)
      .join('\n'),
  )
}

/** What another remote has says nothing of the branches of this repository. */
const ofOrigin = ['refs/tags', 'refs/remotes/origin', 'refs/remotes/pull', 'refs/heads', 'refs/pull']

/** Whether one commit is among those before another; undefined where the clone does not have both, as a shallow one. */
export async function isBefore(run: GitRunner, earlier: string, later: string): Promise<boolean | undefined> {
  if (!isCommit(earlier) || !isCommit(later)) return undefined
  const {exitCode} = await run(['merge-base', '--is-ancestor', earlier, later])
  return exitCode === 0 ? true : exitCode === 1 ? false : undefined
}

/**
 * Whether a commit was made in this clone: the log of HEAD says so; where it says nothing, no branch or tag of the remote contains
 * the commit.
 */
export async function isMadeLocally(run: GitRunner, sha: string): Promise<boolean> {
  if (!isCommit(sha)) return false
  const log = await run([
    'log',
    '--walk-reflogs',
    '--no-show-signature',
    '--no-decorate',
    '-n',
    '100',
    '--format=%H %gs',
    'HEAD',
    '--',
  ])
  const made = /^(?:commit(?: \([a-z]+\))?|cherry-pick|revert|am|rebase[^:]*): /
  const lines = log.exitCode === 0 ? log.stdout.split('\n') : []
  if (lines.some((line) => line.startsWith(`${sha} `) && made.test(line.slice(sha.length + 1)))) return true
  const places = ['refs/tags', 'refs/remotes']
  const known = await run(['for-each-ref', `--contains=${sha}`, '--count=1', '--format=%(refname)', ...places])
  return known.exitCode === 0 && known.stdout.trim() === ''
}

/** Commit and branch that are checked out, where only Git can read them. No commit: there is none, or Git cannot read it either. */
export async function readHead(run: GitRunner): Promise<{readonly head?: string; readonly branch: string | undefined}> {
  const [commit, symbolic] = await Promise.all([
    run(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']),
    run(['symbolic-ref', '--quiet', 'HEAD']),
  ])
  const [sha, branch] = [commit.stdout.trim(), symbolic.stdout.trim()]
  const isBranch = symbolic.exitCode === 0 && parseRef(branch).kind === 'branch'
  return {...(commit.exitCode === 0 && isCommit(sha) && {head: sha}), branch: isBranch ? branch : undefined}
}

/** What `parseCommit` reads. */
const commitFormat = '--format=%H%n%cI'
const everywhere = ['refs/tags', 'refs/remotes', 'refs/heads', 'refs/pull']

/** A failure is no ref: the commit need not be in the clone, and there need not be one. */
async function refsAt(run: GitRunner, sha: string, places: readonly string[]): Promise<readonly string[]> {
  if (!isCommit(sha)) return []
  const {exitCode, stdout} = await run(['for-each-ref', `--points-at=${sha}`, '--format=%(refname)', ...places])
  return exitCode === 0 ? parseRefs(stdout) : []
}

/** A pull request of which the event says nothing counts as a fork's, like every other one of unknown origin. */
function pullOf(number: number, known: PullRequest | undefined): PullRequest {
  if (known?.number === number) return known
  return {number, headSha: undefined, headRef: undefined, baseRef: undefined, fromFork: true}
}

function noCommit({exitCode, stderr}: GitResult): TagboatError {
  if (exitCode === missingProgram) return new TagboatError('git-missing')
  const evidence = stderr
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 5)
  return new TagboatError('clone-missing', {evidence, ...(isAnothers(stderr) ? trustClone : {})})
}

/** Git reads no repository of another user, as a checkout is that a container's root finds: git-config(1), safe.directory. */
function isAnothers(stderr: string): boolean {
  return stderr.includes('dubious ownership')
}

const trustClone = {
  message: 'Git does not read the checkout, which belongs to another user, and `metadata-context: git` needs it.',
  remedy:
    'Run `git config --global --add safe.directory "$GITHUB_WORKSPACE"` before this step, or leave `metadata-context` on `workflow`.',
}

/** What the edge throws where a program is missing; its text is Docker's. */
function isMissingProgram(error: unknown): boolean {
  return error instanceof TagboatError && error.code === 'docker-missing'
}
