import {readContext} from '../context/event.ts'
import type {GitContext} from '../context/git-context.ts'
import {readEventFile} from '../context/payload.ts'
import {missingRepositoryFacts, parseRepositoryFacts, withRepositoryFacts} from '../context/repository-info.ts'
import {errorMessage} from '../errors/error.ts'
import type {Inputs} from '../inputs/inputs.ts'
import {builds, type ActionName} from '../inputs/spec/action-names.ts'
import {workspace, type Io} from '../io/io.ts'
import {aroundCommits} from './around-commits.ts'
import {builtContext, type BuiltContext} from './built-commit.ts'
import {withCommitDate} from './commit-date.ts'
import type {StepInputs} from './read-step.ts'

/** Context of the commit that is built. */
export interface ResolvedContext extends BuiltContext {
  /** Commits of other repositories that the build reads besides the one that is its revision. */
  readonly around: readonly string[]
}

/** Context with the commit that is built, and its date. A promote or prune builds nothing. */
export async function resolveContext({action, inputs, userEpoch}: StepInputs, io: Io): Promise<ResolvedContext> {
  const event = await completeContext(io, inputs)
  const found = await foundContext(event, action, inputs, io)
  const around = builds(action) ? await aroundCommits(found.context, inputs, io) : []
  return {...found, around, context: await withCommitDate(found.context, inputs, io, userEpoch)}
}

async function foundContext(context: GitContext, action: ActionName, inputs: Inputs, io: Io): Promise<BuiltContext> {
  if (inputs.image.metadataContext === 'git') {
    const {cloneContext} = await import('./clone-context.ts')
    return cloneContext(context, inputs, io)
  }
  if (!builds(action)) return {context, directory: workspace(io), built: undefined, remark: undefined}
  return builtContext(context, inputs, io)
}

/** Context of the event. Facts that the event does not contain, which is rare, come from the GitHub API. */
async function completeContext(io: Io, {credentials}: Inputs): Promise<GitContext> {
  const context = readContext(io.environment, await readPayload(io))
  const token = credentials.githubToken
  if (missingRepositoryFacts(context).length === 0 || token === undefined) return context
  try {
    const {owner, name} = context.repository
    const answer = await io.gitHub(token, context.server.apiUrl).repository(owner, name)
    return withRepositoryFacts(context, parseRepositoryFacts(answer))
  } catch (error) {
    const reason = errorMessage(error)
    io.workflow.warning(
      `The GitHub API did not return the facts that the event lacks (${reason}): the default branch, description and licence of the repository are unknown in this run.`,
    )
    return context
  }
}

async function readPayload({environment, files, workflow}: Io): Promise<unknown> {
  const {payload, warning} = await readEventFile(environment['GITHUB_EVENT_PATH'], files)
  if (warning !== undefined) workflow.warning(warning)
  return payload
}
