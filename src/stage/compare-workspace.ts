import {mainGitDirectory} from '../buildx/git-context.ts'
import type {Io} from '../io/io.ts'
import type {Prepared} from '../prepare/prepare.ts'

/**
 * Warns if the build reads the commit from Git and the workspace differs from it: files of earlier steps are not in the
 * build.
 */
export async function compareWorkspace(prepared: Prepared, io: Io): Promise<void> {
  const directory = mainGitDirectory(prepared.inputs.build)
  if (directory === undefined) return
  const {warnOfDifferences} = await import('./workspace-differences.ts')
  await warnOfDifferences(directory, prepared, io)
}
