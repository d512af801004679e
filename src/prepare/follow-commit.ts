import {followBuiltCommit, type BuiltCommit, type Followed} from '../context/built-commit.ts'
import type {GitContext} from '../context/git-context.ts'
import type {GitUrl} from '../context/git-url.ts'
import {commitDateAt, gitRunner, isBefore, isMadeLocally, refsOfCommit} from '../context/local-git.ts'
import {isOwnRepository} from '../context/repository-url.ts'
import {errorMessage} from '../errors/error.ts'
import type {Inputs} from '../inputs/inputs.ts'
import type {GitHub} from '../io/github.ts'
import {childEnvironment, type Io} from '../io/io.ts'
import {originOf, type Checkout} from './checkout.ts'

interface Found {
  readonly checkout: Checkout
  /** A checkout of the event's commit is around it. */
  readonly isEnclosed: boolean
  readonly context: GitContext
}

/** Context of a build that reads a checkout of another commit than the event's. */
export async function followCheckout(sha: string, found: Found, inputs: Inputs, io: Io): Promise<Followed> {
  const {context} = found
  const built = await describe(sha, found, io)
  return followBuiltCommit(context, await withKnownRefs(built, {context, inputs, io}))
}

interface Surroundings {
  readonly context: GitContext
  readonly inputs: Inputs
  readonly io: Io
}

/** Context of a build that BuildKit reads from a Git server, of another commit than the event's. */
export async function followUrl(url: GitUrl, sha: string, surroundings: Surroundings): Promise<Followed> {
  const built = {
    sha,
    commitDate: undefined,
    branch: undefined,
    refs: [],
    knowsTags: false,
    followsEvent: undefined,
    isMadeHere: false,
    origin: url.url,
    isEnclosed: false,
  }
  return followBuiltCommit(surroundings.context, await withKnownRefs(built, surroundings))
}

/** Describes the commit with facts from Git, as far as Git can read the clone. */
async function describe(sha: string, {checkout, isEnclosed, context}: Found, io: Io): Promise<BuiltCommit> {
  const {branch, directory} = checkout
  const run = gitRunner(io.processes, directory, childEnvironment(io))
  const [origin, commitDate, refs, followsEvent] = await Promise.all([
    originOf(checkout, io.files),
    commitDateAt(run, sha),
    refsOfCommit(run, sha, branch),
    isBefore(run, context.sha, sha),
  ])
  const isOnTag = context.ref.kind === 'tag' && followsEvent === true
  const isMadeHere = isOnTag && (await isMadeLocally(run, sha))
  return {sha, commitDate, branch, refs, knowsTags: false, followsEvent, isMadeHere, origin, isEnclosed}
}

/** Adds refs that point to the commit from the API, if the clone does not have them. */
async function withKnownRefs(built: BuiltCommit, {context, inputs, io}: Surroundings): Promise<BuiltCommit> {
  const {githubToken: token} = inputs.credentials
  const query = context.upstream?.headSha === built.sha ? tagsQuery(built, context) : tipQuery(built, context)
  if (query === undefined || token === undefined || !isOwnRepository(context, built)) return built
  try {
    return {...built, ...(await query(io.gitHub(token, context.server.apiUrl)))}
  } catch (error) {
    const reason = errorMessage(error)
    io.workflow.info(`The GitHub API did not return the refs that point to ${built.sha} (${reason})`)
    return built
  }
}

type RefQuery = (api: GitHub) => Promise<Partial<BuiltCommit>>

/** Query that finds out whether the upstream run was for a tag; undefined if the clone shows it. */
function tagsQuery({sha, branch, refs}: BuiltCommit, {upstream, repository}: GitContext): RefQuery | undefined {
  const name = upstream?.headBranch
  if (
    name === undefined ||
    [branch, ...refs].some((ref) => ref === `refs/tags/${name}` || ref === `refs/heads/${name}`)
  )
    return undefined
  return async (api) => {
    const tags = await api.tagsAt(repository.owner, repository.name, sha)
    return {knowsTags: true, refs: [...refs, ...tags.map((tag) => `refs/tags/${tag}`)]}
  }
}

/**
 * Query that finds out whether the event's branch or tag points to the commit now, for example after an earlier job or
 * step has pushed the commit. Undefined if the clone shows it.
 */
function tipQuery({sha, refs}: BuiltCommit, {ref, fullRef, repository}: GitContext): RefQuery | undefined {
  if ((ref.kind !== 'branch' && ref.kind !== 'tag') || refs.includes(fullRef)) return undefined
  return async (api) => {
    const relation = await api.compare(repository.owner, repository.name, {base: sha, head: ref.name})
    return relation === 'identical' ? {refs: [...refs, fullRef]} : {}
  }
}
