import type {GitContext} from '../../context/git-context.ts'
import {gitRunner} from '../../context/local-git.ts'
import {readWorkspace, type WorkspaceState} from '../../context/workspace-state.ts'
import {childEnvironment, workspace, type Io} from '../../io/io.ts'
import type {Prepared} from '../../prepare/prepare.ts'

/** Warns if the workspace differs from the commit that the build reads from Git. */
export async function warnOfDifferences(directory: string, prepared: Prepared, io: Io): Promise<void> {
  const state = await readWorkspace(gitRunner(io.processes, workspace(io), childEnvironment(io)))
  const warning = state === undefined ? undefined : differences(state, directory, builtCommit(prepared))
  if (warning !== undefined) io.workflow.warning(warning)
}

/**
 * Describes the differences between the workspace and the built commit; undefined if there are none.
 * @param directory built directory of the repository; empty for the whole repository.
 * @param built commit; undefined if it is unknown.
 */
export function differences(
  {head, files}: WorkspaceState,
  directory: string,
  built: string | undefined,
): string | undefined {
  const inside = files.filter((file) => isInside(file, directory))
  const isOtherCommit = head !== undefined && built !== undefined && head !== built
  if (!isOtherCommit && inside.length === 0) return undefined
  const listed = inside.slice(0, maxListed).join(', ')
  const more = inside.length > maxListed ? ` and ${inside.length - maxListed} more` : ''
  const parts = [
    ...(isOtherCommit ? [`it has ${shortCommit(head)} checked out`] : []),
    ...(inside.length > 0 ? [`it has changed or new files: ${listed}${more}`] : []),
  ]
  const what = built === undefined ? 'the commit of this run' : shortCommit(built)
  return `context: the build reads ${what} from Git and not from the workspace, which differs: ${parts.join('; ')}. To build the workspace, set \`context: .\``
}

const maxListed = 5

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
