import {mainGitDirectory} from '../../buildx/git-context.ts'
import type {Io} from '../../io/io.ts'
import type {Prepared} from '../../prepare/prepare.ts'

/**
 * Warns if the build reads the commit from Git and the workspace differs from it: files of earlier steps are not in the
 * build. Reports credential files of earlier steps in any other context of this machine.
 */
export async function compareWorkspace(prepared: Prepared, io: Io): Promise<void> {
  const {build} = prepared.inputs
  const directory = mainGitDirectory(build)
  if (directory !== undefined) {
    const {warnOfDifferences} = await import('./workspace-differences.ts')
    await warnOfDifferences(directory, prepared, io)
    return
  }
  // A context on another machine has no files here, and one that cannot be read is an error of the build.
  const names = await io.files.list(build.context).catch(() => [])
  if (names.some((name) => name.startsWith('gha-creds-')))
    await (await import('./credential-files.ts')).reportCredentialFiles(names, build, io)
}
