import {chooseRef} from '../context/git-output.ts'
import type {GitContext} from '../context/git-context.ts'
import {gitRunner, readLocalGit, withLocalGit} from '../context/local-git.ts'
import type {Inputs} from '../inputs/inputs.ts'
import {childEnvironment, workspace, type Io} from '../io/io.ts'
import {versionReader} from '../tags/versions/component.ts'
import {checkoutsOf, type BuiltContext} from './built-commit.ts'

/** Context with the ref and commit of the clone, for `metadata-context: git`. */
export async function cloneContext(context: GitContext, inputs: Inputs, io: Io): Promise<BuiltContext> {
  const directory = await cloneDirectory(inputs, io)
  const local = await readLocalGit(gitRunner(io.processes, directory, childEnvironment(io)))
  const {component} = inputs.image
  const versionOfTag = versionReader(component)
  const isOurs = (tag: string): boolean => component !== undefined && versionOfTag(tag) !== undefined
  const {note} = chooseRef(local, context, isOurs)
  if (note !== undefined) io.workflow.print([note])
  return {context: withLocalGit(context, local, isOurs), directory, built: local.sha, remark: undefined}
}

/** Directory of the checkout that is built, which may be in a subdirectory (`path` of actions/checkout). */
async function cloneDirectory(inputs: Inputs, io: Io): Promise<string> {
  const checkouts = await checkoutsOf(inputs, io)
  return checkouts.at(-1)?.directory ?? workspace(io)
}
