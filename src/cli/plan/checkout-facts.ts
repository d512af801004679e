import {parseRefs, tagNames} from '../../context/git-output.ts'
import {byVersion, versionTags} from '../../context/version-tags.ts'
import type {CommandResult} from '../../io/command.ts'
import type {Processes} from '../../io/process.ts'
import {guessedRef} from '../../simulation/events/full-ref.ts'

/** Facts of the Git checkout around a directory. What it does not have is undefined. */
export interface CheckoutFacts {
  readonly root: string | undefined
  readonly sha: string | undefined
  /** Full ref that `--ref` names, or else the one that is checked out: a branch, or a tag of the commit. */
  readonly ref: string | undefined
  /** Remarks about a choice between refs. */
  readonly notes: readonly string[]
  /** Repository of the remote `origin` as `owner/name`. */
  readonly repository: string | undefined
  readonly defaultBranch: string | undefined
  /** Names of the tags that point to the commit, the highest version first. */
  readonly tags: readonly string[]
}

/** Reads the answer of Git to arguments; undefined if it fails. */
type Git = (...args: readonly string[]) => Promise<string | undefined>

/** Directory of a checkout, and how Git is started in it. */
export interface CheckoutPlace {
  readonly directory: string
  readonly processes: Pick<Processes, 'capture'>
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Whole commit that a short one names in the checkout; undefined if it does not have it, or more than one. */
export async function wholeCommit(place: CheckoutPlace, short: string): Promise<string | undefined> {
  const whole = await commitOf(gitIn(place), short)
  // A branch or tag can have the name of a commit.
  return whole?.startsWith(short.toLowerCase()) === true ? whole : undefined
}

function gitIn({directory, processes, environment}: CheckoutPlace): Git {
  const env = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  )
  return async (...args) => {
    const failed: CommandResult = {exitCode: 127, stdout: '', stderr: ''}
    const command = {file: 'git', args: ['-C', directory, ...args], env: {...env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0'}}
    const {exitCode, stdout} = await processes.capture(command).catch(() => failed)
    return exitCode === 0 ? stdout.trim() : undefined
  }
}

/**
 * Reads the facts of the checkout around a directory, for the commit of a ref or tag that is named, if it has it. Nothing
 * is changed, and a missing Git is not an error.
 */
export async function checkoutFacts(place: CheckoutPlace, named: string | undefined): Promise<CheckoutFacts> {
  const git = gitIn(place)
  const [root, checkedOut, branch, origin, head] = await Promise.all([
    git('rev-parse', '--show-toplevel'),
    commitOf(git, 'HEAD'),
    git('symbolic-ref', '--quiet', 'HEAD'),
    git('config', '--get', 'remote.origin.url'),
    git('symbolic-ref', '--quiet', 'refs/remotes/origin/HEAD'),
  ])
  const wanted = named === undefined ? undefined : await namedRef(git, named, root !== undefined)
  const sha = wanted?.sha ?? checkedOut
  const tags = await tagsOf(git, sha)
  const chosen = wanted ?? (branch === undefined && sha !== undefined ? detachedRef(tags) : {ref: branch, notes: []})
  return {
    root,
    sha,
    ref: chosen.ref,
    notes: chosen.notes,
    repository: /[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(origin ?? '')?.[1],
    defaultBranch: head?.replace(/^refs\/remotes\/origin\//, ''),
    tags,
  }
}

async function commitOf(git: Git, ref: string): Promise<string | undefined> {
  return git('rev-parse', '--verify', '--quiet', `${ref}^{commit}`)
}

async function tagsOf(git: Git, sha: string | undefined): Promise<readonly string[]> {
  if (sha === undefined) return []
  const found = await git('for-each-ref', `--points-at=${sha}`, '--format=%(refname)', 'refs/tags')
  return byVersion(tagNames(parseRefs(found ?? '')))
}

interface ChosenRef {
  readonly ref: string | undefined
  readonly sha?: string | undefined
  readonly notes: readonly string[]
}

/** Ref that a name means: a whole ref, the tag or branch that the checkout has, or else what its form says. */
async function namedRef(git: Git, name: string, isCheckout: boolean): Promise<ChosenRef> {
  if (name.startsWith('refs/')) return {ref: name, sha: await commitOf(git, name), notes: []}
  const [tag, own, remote] = await Promise.all(
    ['tags', 'heads', 'remotes/origin'].map(async (kind) => commitOf(git, `refs/${kind}/${name}`)),
  )
  const branch = own ?? remote
  if (tag !== undefined) {
    const note = `${name} is a Git tag and a branch. This is the plan of the tag; --ref refs/heads/${name} is the branch`
    return {ref: `refs/tags/${name}`, sha: tag, notes: branch === undefined ? [] : [note]}
  }
  if (branch !== undefined) return {ref: `refs/heads/${name}`, sha: branch, notes: []}
  const ref = guessedRef(name)
  const note = `this checkout has no Git tag and no branch ${name}. This is the plan of ${ref} for the checked-out commit`
  return {ref, notes: isCheckout ? [note] : []}
}

/** Ref of a checkout without a branch: the tag with the highest version, or else any tag. */
function detachedRef(tags: readonly string[]): ChosenRef {
  const [first = tags[0]] = versionTags(tags)
  const others = tags.filter((tag) => tag !== first)
  if (first === undefined) {
    const note = 'the checkout has no branch, and no Git tag points to it. A push to the default branch is assumed'
    return {ref: undefined, notes: [`${note}; --ref names another ref`]}
  }
  const note = `several Git tags point to the commit. This is the plan of ${first}, not of ${others.join(', ')}`
  return {ref: `refs/tags/${first}`, notes: others.length === 0 ? [] : [note]}
}
