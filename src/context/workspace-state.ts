import type {GitRunner} from './local-git.ts'

/** Checked-out commit, and the files that differ from it. */
export interface WorkspaceState {
  /** Commit id. Undefined if there is no commit yet. */
  readonly head: string | undefined
  /**
   * Changed, new and deleted files, relative to the root of the repository. A new directory ends with a slash. Ignored
   * files are left out.
   */
  readonly files: readonly string[]
}

/**
 * Reads the state of the workspace without writing to the index (`gitRunner`). Undefined without a clone, or without
 * Git.
 */
export async function readWorkspace(run: GitRunner): Promise<WorkspaceState | undefined> {
  const flags = ['--porcelain=v2', '--branch', '-z', '--no-renames', '--untracked-files=normal']
  const {exitCode, stdout} = await run(['status', ...flags])
  return exitCode === 0 ? parseStatus(stdout) : undefined
}

/**
 * Number of fields before the path, by the kind of the record:
 * https://git-scm.com/docs/git-status#_porcelain_format_version_2
 */
const fieldsBefore: ReadonlyMap<string, number> = new Map([
  ['1', 8],
  ['u', 10],
  ['?', 1],
])

/** Parses the output of `git status -z`, whose records end with NUL and whose paths are not quoted. */
export function parseStatus(text: string): WorkspaceState {
  const records = text.split('\0')
  const oid = records.find((record) => record.startsWith(headField))?.slice(headField.length)
  const files = records.flatMap((record) => {
    const count = fieldsBefore.get(record.split(' ', 1)[0] ?? '')
    return count === undefined ? [] : [record.split(' ').slice(count).join(' ')]
  })
  return {head: oid !== undefined && /^[0-9a-f]{40,64}$/.test(oid) ? oid : undefined, files}
}

const headField = '# branch.oid '
