import {TagboatError} from '../errors/error.ts'
import type {CommandResult} from '../io/command.ts'
import type {Processes} from '../io/process.ts'
import {parseRef} from './event-ref.ts'
import type {GitContext, PullRequest} from './git-context.ts'
import {chooseRef, parseCommit, parseRefs, tagNames, type LocalGit} from './git-output.ts'
import {isCommit} from './payload.ts'

/** Result of a `git` command. */
type GitResult = CommandResult

/** Runs `git` with these arguments in the checkout. The exit code is not 0 if Git is missing. */
export type GitRunner = (args: readonly string[]) => Promise<GitResult>

/**
 * Exit code of a shell for a missing command:
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02
 */
const missingProgram = 127

/**
 * Runner of `git` in a directory, with the environment of the step. Messages are in English, and there are no prompts.
 */
export function gitRunner(
  processes: Pick<Processes, 'capture'>,
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
 * Reads the checked-out commit and the refs that point to it, for `metadata-context: git`. It fetches nothing, so that
 * it works in a shallow clone too.
 * @throws TagboatError `git-missing` without Git, `clone-missing` without a repository or without a commit.
 */
export async function readLocalGit(run: GitRunner): Promise<LocalGit> {
  // The setting `log.showSignature` would add lines.
  const log = await run(['log', '-1', '--no-show-signature', '--no-decorate', commitFormat, 'HEAD', '--'])
  const commit = log.exitCode === 0 ? parseCommit(log.stdout) : undefined
  if (commit === undefined) throw cloneError(log)
  const head = await run(['symbolic-ref', '--quiet', 'HEAD'])
  const branch = head.stdout.trim()
  if (head.exitCode === 0 && parseRef(branch).kind === 'branch') return {...commit, branch, refs: []}
  return {...commit, branch: undefined, refs: await refsAt(run, commit.sha, allRefs)}
}

/**
 * Context with the ref and commit of the clone in place of the event's. The kind of event and its facts about pull
 * requests, forks and deletions are kept: whether to publish does not depend on the checkout. `chooseRef` has the note
 * for the log. `prefersTag` selects the tags of this image, if tags of several images point to the commit.
 */
export function withLocalGit(context: GitContext, local: LocalGit, prefersTag?: (name: string) => boolean): GitContext {
  const {fullRef} = chooseRef(local, context, prefersTag)
  const ref = parseRef(fullRef)
  const {sha, commitDate} = local
  const pull = ref.kind === 'pull' ? pullOf(Number(ref.name), context.pull) : context.pull
  return {...context, ref, fullRef: ref.kind === 'none' ? '' : fullRef, sha, commitDate, pull}
}

/** Tags of the clone that point to a commit, those of components (`api/v1.2.3`) included. Empty without a clone. */
export async function tagsAt(run: GitRunner, sha: string): Promise<readonly string[]> {
  return tagNames(await refsAt(run, sha, ['refs/tags']))
}

/** Date of a commit (ISO 8601). Undefined without a clone, or if the clone does not have the commit. */
export async function commitDateAt(run: GitRunner, sha: string): Promise<string | undefined> {
  if (!isCommit(sha)) return undefined
  const {exitCode, stdout} = await run(['show', '-s', '--no-show-signature', '--no-decorate', commitFormat, sha, '--'])
  return exitCode === 0 ? parseCommit(stdout)?.commitDate : undefined
}

/** Full refs of `origin` that point to a commit, and local branches that are not checked out. */
export async function refsOfCommit(run: GitRunner, sha: string, branch?: string): Promise<readonly string[]> {
  const {exitCode, stdout} = await run(['for-each-ref', `--points-at=${sha}`, '--format=%(refname)', ...originRefs])
  if (exitCode !== 0) return []
  return parseRefs(
    stdout
      .split('\n')
      .filter((name) => name.trim() !== branch)
      .join('\n'),
  )
}

/** Refs without those of other remotes, which need not be refs of this repository. */
const originRefs = ['refs/tags', 'refs/remotes/origin', 'refs/remotes/pull', 'refs/heads', 'refs/pull']

/**
 * Reports whether one commit is an ancestor of another. Undefined if the clone does not have both, as a shallow one.
 */
export async function isBefore(run: GitRunner, earlier: string, later: string): Promise<boolean | undefined> {
  if (!isCommit(earlier) || !isCommit(later)) return undefined
  const {exitCode} = await run(['merge-base', '--is-ancestor', earlier, later])
  return exitCode === 0 ? true : exitCode === 1 ? false : undefined
}

/**
 * Reports whether a commit was created in this clone: the reflog of HEAD has it, or no branch or tag of the remote
 * contains it.
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

/** Reads the checked-out commit and branch by Git. `head` is missing if there is no commit, or Git cannot read it. */
export async function readHead(run: GitRunner): Promise<{readonly head?: string; readonly branch: string | undefined}> {
  const [commit, symbolic] = await Promise.all([
    run(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']),
    run(['symbolic-ref', '--quiet', 'HEAD']),
  ])
  const [sha, branch] = [commit.stdout.trim(), symbolic.stdout.trim()]
  const isBranch = symbolic.exitCode === 0 && parseRef(branch).kind === 'branch'
  return {...(commit.exitCode === 0 && isCommit(sha) && {head: sha}), branch: isBranch ? branch : undefined}
}

/** Format that `parseCommit` parses. */
const commitFormat = '--format=%H%n%cI'
const allRefs = ['refs/tags', 'refs/remotes', 'refs/heads', 'refs/pull']

/** Refs that point to a commit. Empty if Git fails: the clone may not have the commit, or may not exist. */
async function refsAt(run: GitRunner, sha: string, places: readonly string[]): Promise<readonly string[]> {
  if (!isCommit(sha)) return []
  const {exitCode, stdout} = await run(['for-each-ref', `--points-at=${sha}`, '--format=%(refname)', ...places])
  return exitCode === 0 ? parseRefs(stdout) : []
}

/** Pull request with this number. One that the event does not have counts as that of a fork. */
function pullOf(number: number, known: PullRequest | undefined): PullRequest {
  if (known?.number === number) return known
  return {number, headSha: undefined, headRef: undefined, baseRef: undefined, fromFork: true}
}

function cloneError({exitCode, stderr}: GitResult): TagboatError {
  if (exitCode === missingProgram) return new TagboatError('git-missing')
  const evidence = stderr
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 5)
  return new TagboatError('clone-missing', {evidence, ...(isForeignOwner(stderr) ? trustClone : {})})
}

/** Reports whether Git refuses the repository of another user, as in a container: git-config(1), safe.directory. */
function isForeignOwner(stderr: string): boolean {
  return stderr.includes('dubious ownership')
}

const trustClone = {
  message: 'Git refuses to read the checkout, because another user owns it, but `metadata-context: git` requires it.',
  remedy:
    'Run `git config --global --add safe.directory "$GITHUB_WORKSPACE"` before this step, or set `metadata-context: workflow`.',
}

/** Reports whether the program is missing. `processes` reports any missing program under the code for Docker. */
function isMissingProgram(error: unknown): boolean {
  return error instanceof TagboatError && error.code === 'docker-missing'
}
