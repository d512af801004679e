import path from 'node:path'
import {mainGitDirectory} from '../buildx/git-context.ts'
import type {Remark} from '../context/built-commit.ts'
import type {GitContext} from '../context/git-context.ts'
import {parseGitUrl, revisionCommit, type GitUrl} from '../context/git-url.ts'
import {isStandIn} from '../context/pull-request.ts'
import {isOwnRepository} from '../context/repository-url.ts'
import type {Inputs} from '../inputs/inputs.ts'
import type {PushDecision} from '../plan/push-decision.ts'
import {isLocal} from '../buildx/dockerfile.ts'
import {findCheckouts, type Checkout} from './checkout.ts'
import {childEnvironment, workspace, type Io} from '../io/io.ts'

/** Context of a run, and the commit that its build reads. */
export interface BuiltContext {
  readonly context: GitContext
  /** Commit that is built; undefined if it is unknown. */
  readonly built: string | undefined
  /** Path of the clone that has the commit. */
  readonly directory: string
  /** Remark on a commit other than the event's; undefined if the event's commit is built. */
  readonly remark: Remark | undefined
}

/**
 * Context of the built commit. If the build reads another commit than the event's, ref and commit are those of
 * `followBuiltCommit`. Files of the checkout are read, and Git is started only if the commits differ.
 */
export async function builtContext(context: GitContext, inputs: Inputs, io: Io): Promise<BuiltContext> {
  const {build} = inputs
  const unchanged = {context, directory: workspace(io), remark: undefined}
  if (context.gone) return {...unchanged, built: undefined}
  if (mainGitDirectory(build) !== undefined) return {...unchanged, built: context.sha === '' ? undefined : context.sha}
  if (!isLocal(build.context)) return fromUrl(parseGitUrl(build.context), unchanged, inputs, io)
  const checkouts = await checkoutsOf(inputs, io)
  const [innermost] = checkouts
  if (innermost === undefined) return {...unchanged, built: undefined}
  const {directory} = innermost
  const checkout = innermost.head === undefined ? {...innermost, ...(await headOf(directory, io))} : innermost
  const {head} = checkout
  const isEvents = head === undefined || eventCommits(context, io).includes(head)
  if (isEvents) return {...unchanged, directory, built: head}
  const isEnclosed = checkouts.slice(1).some((outer) => outer.head === context.sha)
  const {followCheckout} = await import('./follow-commit.ts')
  return {...(await followCheckout(head, {checkout, isEnclosed, context}, inputs, io)), directory, built: head}
}

/** Commit and branch of a checkout whose files do not state them. */
async function headOf(directory: string, io: Io): Promise<Pick<Checkout, 'head' | 'branch'>> {
  const {gitRunner, readHead} = await import('../context/local-git.ts')
  return {head: undefined, ...(await readHead(gitRunner(io.processes, directory, childEnvironment(io))))}
}

/** Checkouts that contain the build context, the innermost first. If there is none, those that contain the Dockerfile. */
export async function checkoutsOf({build}: Pick<Inputs, 'build'>, io: Io): Promise<readonly Checkout[]> {
  const top = io.environment['GITHUB_WORKSPACE'] ?? ''
  if (top === '') return []
  const around = async (directory: string): Promise<readonly Checkout[]> =>
    findCheckouts(path.resolve(top, directory), top, io.files)
  const found = isLocal(build.context) ? await around(build.context) : []
  if (found.length > 0 || build.file === undefined || !isLocal(build.file)) return found
  return around(path.dirname(build.file))
}

/**
 * Commits that count as the event's. With DOCKER_METADATA_PR_HEAD_SHA the context has the head commit, but the merge
 * commit is checked out.
 */
function eventCommits(context: GitContext, {environment}: Io): readonly (string | undefined)[] {
  const isMerge = context.ref.kind === 'pull' && !isStandIn(context)
  return isMerge ? [context.sha, environment['GITHUB_SHA']] : [context.sha]
}

/** Context of a build that BuildKit reads from a Git server. Its commit is known only if the URL has a full commit. */
async function fromUrl(
  url: GitUrl | undefined,
  unchanged: Omit<BuiltContext, 'built'>,
  inputs: Inputs,
  io: Io,
): Promise<BuiltContext> {
  const {context} = unchanged
  if (url === undefined) return {...unchanged, built: undefined}
  const sha = revisionCommit(url)
  if (sha === undefined) return {...unchanged, built: undefined, remark: unknownCommit(url, context)}
  if (sha === context.sha) return {...unchanged, built: sha}
  const {followUrl} = await import('./follow-commit.ts')
  return {...unchanged, ...(await followUrl(url, sha, {context, inputs, io})), built: sha}
}

/** Warning about a URL without a full commit; undefined for the ref of the event, which usually has its commit. */
function unknownCommit({url, revision}: GitUrl, context: GitContext): Remark | undefined {
  const {ref, fullRef, sha, repository} = context
  const name = ref.kind === 'none' ? '' : ref.name
  const isDefault = revision === undefined && ref.kind === 'branch' && name === repository.defaultBranch
  const isEvents = isDefault || revision === fullRef || (ref.kind !== 'pull' && revision === name)
  if (isEvents && isOwnRepository(context, {origin: url})) return undefined
  const what = revision ?? 'the default branch'
  return {
    level: 'warning',
    text: `context: the build reads ${what} of ${url}, whose commit this run does not know: revision and commit tags name ${sha}, the commit of this run. Write the full commit after \`#\`.`,
  }
}

/**
 * Remark on a push that may surprise: the tags of a pull request get the code of its base, or the run follows another
 * workflow run and it is not known which of the two commits is built.
 */
export function remarkOnPush({context, built}: BuiltContext, push: PushDecision): string | undefined {
  const {fullRef, sha, upstream, instead} = context
  if (!push.do || instead !== undefined) return undefined
  if (isStandIn(context) && built === sha && sha !== '') {
    return `context: the built commit is ${sha}, the base of the pull request, and not the pull request: its tags get that code. To build the pull request, check out ${fullRef} and set \`context: .\`, if its code can be trusted with the credentials of this job.`
  }
  const isOther = upstream?.headSha !== undefined && upstream.headSha !== sha
  if (!isOther || built !== undefined) return undefined
  return `context: the built commit is unknown: this run is for ${sha} (${fullRef}), and follows a run for ${upstream.headSha} (${upstream.headBranch ?? 'no branch'}). Revision and tags are those of ${sha}. Check out the commit that is built, or write the tags in \`tags\`.`
}
