import path from 'node:path'
import {digestFilePrefix as filePrefix} from '../inputs/promote-inputs.ts'
import type {Problems} from '../inputs/problem.ts'
import {errorMessage} from '../errors/error.ts'
import type {RawInputs} from '../io/environment.ts'
import {workspace, type Io} from '../io/io.ts'

/** Maximum depth: actions/download-artifact creates a directory for each artifact. */
const maxLevels = 4

/** Files by name, and directories as objects. */
type Tree = Readonly<Record<string, unknown>>

/**
 * Replaces `digests: file:PATH` by the contents of the file, or of all files in the directory as JSON by their names. An
 * empty file with 64 hexadecimal digits as its name is read as that digest, as in the workflows of Docker's
 * documentation.
 */
export async function withDigestFiles(raw: RawInputs, io: Io, problems: Problems): Promise<RawInputs> {
  const written = (raw.get('digests') ?? '').trim()
  if (!written.startsWith(filePrefix)) return raw
  const place = written.slice(filePrefix.length).trim()
  const root = path.resolve(workspace(io), place)
  try {
    const found = await readTree(root, io, 0)
    if (found !== undefined) return new Map([...raw, ['digests', JSON.stringify(found)]])
    problems.add({input: 'digests', message: `${place} does not exist`, remedy: placeRemedy})
  } catch (error) {
    problems.add({input: 'digests', message: `${place} cannot be read (${errorMessage(error)})`, remedy: placeRemedy})
  }
  return new Map([...raw, ['digests', '']])
}

const placeRemedy =
  'Write the path of a directory that an earlier step of this job created, such as actions/download-artifact.'

async function readTree(place: string, io: Io, level: number): Promise<Tree | string | undefined> {
  const {files} = io
  const kind = await files.kindOf(place)
  if (kind === undefined) return undefined
  if (kind !== 'directory') return fileText(path.basename(place), (await files.read(place)) ?? '')
  if (level === maxLevels) return {}
  const names = [...(await files.list(place))].sort()
  const entries = await Promise.all(
    names.map(async (name) => [name, (await readTree(path.join(place, name), io, level + 1)) ?? ''] as const),
  )
  return Object.fromEntries(entries)
}

function fileText(name: string, text: string): string {
  const trimmed = text.trim()
  return trimmed === '' && /^[0-9a-f]{64}$/.test(name) ? `sha256:${name}` : trimmed
}
