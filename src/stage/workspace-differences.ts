import type {GitContext} from '../context/git-context.ts'
import {gitRunner} from '../context/local-git.ts'
import {readWorkspace, type WorkspaceState} from '../context/workspace-state.ts'
import {childEnvironment, workspace, type Io} from '../io/io.ts'
import type {Prepared} from '../prepare/prepare.ts'

/**
 * Warns if the build reads `directory` of the repository from Git, and the checkout has other content: a file that an
 * earlier step made is not in the build.
 */
export async function warnOfDifferences(directory: string, prepared: Prepared, io: Io): Promise<void> {
  const state = await readWorkspace(gitRunner(io.processes, workspace(io), childEnvironment(io)))
  const warning = state === undefined ? undefined : differences(state, directory, builtCommit(prepared))
  if (warning !== undefined) io.workflow.warning(warning)
}

/** `directory`: what is built of the repository; empty for all of it. `built`: undefined where nobody knows the commit. */
export function differences(
  {head, files}: WorkspaceState,
  directory: string,
  built: string | undefined,
): string | undefined {
  const inside = files.filter((file) => isInside(file, directory))
  const isElsewhere = head !== undefined && built !== undefined && head !== built
  if (!isElsewhere && inside.length === 0) return undefined
  const named = inside.slice(0, namedFiles).join(', ')
  const more = inside.length > namedFiles ? ` and ${inside.length - namedFiles} more` : ''
  const parts = [
    ...(isElsewhere ? [`it has ${shortCommit(head)} checked out`] : []),
    ...(inside.length > 0 ? [`it has changed or new files: ${named}${more}`] : []),
  ]
  const what = built === undefined ? 'the commit of this run' : shortCommit(built)
  return `context: the build reads ${what} from Git, and nothing of the workspace, which differs: ${parts.join('; ')}. To build what is in the workspace, set \`context: .\``
}

const namedFiles = 5

function isInside(file: string, directory: string): boolean {
  const folder = directory === '' ? '' : `${directory}/`
  return file.startsWith(folder) || (file.endsWith('/') && folder.startsWith(file))
}

function builtCommit({context, prefersPullHead}: Prepared): string | undefined {
  const {event, ref, pull, sha}: GitContext = context
  if (prefersPullHead && event === 'pull_request' && ref.kind === 'pull') return pull?.headSha
  return sha === '' ? undefined : sha
}

function shortCommit(sha: string): string {
  return sha.slice(0, 12)
}
