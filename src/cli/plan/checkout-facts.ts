import {parseRefs, tagNames} from '../../context/git-output.ts'
import type {CommandResult} from '../../io/command.ts'
import type {Processes} from '../../io/process.ts'

/** Facts of the Git checkout around a directory. What it does not have is undefined. */
export interface CheckoutFacts {
  readonly root: string | undefined
  readonly sha: string | undefined
  /** Full ref of the branch that is checked out. */
  readonly ref: string | undefined
  /** Repository of the remote `origin` as `owner/name`. */
  readonly repository: string | undefined
  readonly defaultBranch: string | undefined
  /** Names of the tags that point to the commit. */
  readonly tags: readonly string[]
}

/** Reads the facts of the checkout around a directory. Nothing is changed, and a missing Git is not an error. */
export async function checkoutFacts(
  directory: string,
  processes: Pick<Processes, 'capture'>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<CheckoutFacts> {
  const env = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  )
  const git = async (...args: readonly string[]): Promise<string | undefined> => {
    const failed: CommandResult = {exitCode: 127, stdout: '', stderr: ''}
    const command = {file: 'git', args: ['-C', directory, ...args], env: {...env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0'}}
    const {exitCode, stdout} = await processes.capture(command).catch(() => failed)
    return exitCode === 0 ? stdout.trim() : undefined
  }
  const [root, sha, ref, origin, head, tags] = await Promise.all([
    git('rev-parse', '--show-toplevel'),
    git('rev-parse', '--verify', '--quiet', 'HEAD^{commit}'),
    git('symbolic-ref', '--quiet', 'HEAD'),
    git('config', '--get', 'remote.origin.url'),
    git('symbolic-ref', '--quiet', 'refs/remotes/origin/HEAD'),
    git('for-each-ref', '--points-at=HEAD', '--format=%(refname)', 'refs/tags'),
  ])
  return {
    root,
    sha,
    ref,
    repository: /[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(origin ?? '')?.[1],
    defaultBranch: head?.replace(/^refs\/remotes\/origin\//, ''),
    tags: tagNames(parseRefs(tags ?? '')),
  }
}
