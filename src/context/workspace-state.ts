import type {GitRunner} from './local-git.ts'

/** What is checked out, and what differs from it. */
export interface WorkspaceState {
  /** Undefined: there is no commit yet. */
  readonly head: string | undefined
  /** Changed, new or deleted, relative to the top of the repository; a new directory ends with a slash. Ignored ones are left out. */
  readonly files: readonly string[]
}

/** Undefined where there is no clone, or no Git. Nothing is written, the index neither (`gitRunner`). */
export async function readWorkspace(run: GitRunner): Promise<WorkspaceState | undefined> {
  const flags = ['--porcelain=v2', '--branch', '-z', '--no-renames', '--untracked-files=normal']
  const {exitCode, stdout} = await run(['status', ...flags])
  return exitCode === 0 ? parseStatus(stdout) : undefined
}

/** How many fields, each with a blank behind it, stand before the path: https://git-scm.com/docs/git-status#_porcelain_format_version_2 */
const fieldsBefore: ReadonlyMap<string, number> = new Map([
  ['1', 8],
  ['u', 10],
  ['?', 1],
])

/** Records that end with a NUL, so that no path is quoted. */
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
