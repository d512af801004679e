import {TagboatError} from '../errors/error.ts'
import {parseRef} from './event-ref.ts'
import type {GitContext, PullRequest} from './git-context.ts'
import {chooseRef, parseCommit, parseRefs, tagNames, versionTags, type LocalGit} from './git-output.ts'
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
      return {exitCode: 127, stdout: '', stderr: 'git: not found'}
    }
  }
}

/**
 * The commit that is checked out and what points at it: `metadata-context: git`. Nothing is fetched, so that it works in
 * a shallow clone as well.
 * @throws TagboatError when there is no Git repository, no commit in it, or no Git.
 */
export async function readLocalGit(run: GitRunner): Promise<LocalGit> {
  // The user's `log.showSignature` would print among the lines.
  const log = await run(['log', '-1', '--no-show-signature', '--no-decorate', '--format=%H%n%cI', 'HEAD', '--'])
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

/** Those that are a version and nothing else, the highest first: for `version: auto`. */
export async function versionTagsAt(run: GitRunner, sha: string): Promise<readonly string[]> {
  return versionTags(await tagsAt(run, sha))
}

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
  return {number, headSha: undefined, baseRef: undefined, fromFork: true}
}

function noCommit({stderr}: GitResult): TagboatError {
  const evidence = stderr.split('\n').filter((line) => line.trim() !== '')
  return new TagboatError('context-missing', {
    message: '`metadata-context: git` found no commit: this step does not run in a Git repository that it can read.',
    evidence: evidence.slice(0, 5),
    remedy: remedyFor(stderr),
  })
}

function remedyFor(stderr: string): string {
  if (stderr.includes('dubious ownership'))
    return 'The checkout belongs to another user: run `git config --global --add safe.directory "$GITHUB_WORKSPACE"` before this step, or leave `metadata-context` on `workflow`.'
  if (stderr.startsWith('git: not found'))
    return 'Install Git on the runner, or leave `metadata-context` on `workflow`.'
  return 'Check out the repository before this step (actions/checkout), or leave `metadata-context` on `workflow`.'
}

/** What the edge throws where a program is missing; its text is Docker's. */
function isMissingProgram(error: unknown): boolean {
  return error instanceof TagboatError && error.code === 'docker-missing'
}
