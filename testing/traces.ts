import {createHash} from 'node:crypto'
import {lstat, readdir, readFile, readlink} from 'node:fs/promises'
import path from 'node:path'

/** Encoded forms of a secret, by name. */
export type Marks = Readonly<Record<string, string>>

/** Encoded forms of a login in files and requests. */
export function loginMarks({username, password}: {readonly username: string; readonly password: string}): Marks {
  return {
    password,
    'password in base64': base64(password),
    'login in base64': base64(`${username}:${password}`),
  }
}

/** Lists the files below directories that contain a mark, as `MARK in FILE`. */
export async function tracesIn(marks: Marks, ...directories: readonly string[]): Promise<readonly string[]> {
  const found: string[] = []
  for (const directory of directories) {
    for (const file of await filesBelow(directory)) {
      const content = await contentOf(file)
      found.push(...marksIn(marks, content.toString('latin1')).map((name) => `${name} in ${file}`))
    }
  }
  return found
}

/** Names of the marks that a text contains. */
export function marksIn(marks: Marks, text: string): readonly string[] {
  return Object.entries(marks).flatMap(([name, mark]) => (text.includes(mark) ? [name] : []))
}

/** Lists everything below a directory as `path: kind mode content`, to detect changes. */
export async function snapshotOf(directory: string): Promise<readonly string[]> {
  const entries = await entriesBelow(directory)
  return Promise.all(
    entries.map(async (entry) => {
      const status = await lstat(entry)
      const mode = (status.mode & 0o7777).toString(8)
      const name = path.relative(directory, entry)
      if (status.isSymbolicLink()) return `${name}: link ${mode} ${await readlink(entry)}`
      if (status.isDirectory()) return `${name}: directory ${mode}`
      return `${name}: file ${mode} ${createHash('sha256')
        .update(await contentOf(entry))
        .digest('hex')}`
    }),
  )
}

/** Paths and octal modes of everything below a directory, except links. */
export async function modesBelow(
  directory: string,
): Promise<readonly {readonly name: string; readonly mode: string}[]> {
  const modes = await Promise.all(
    (await entriesBelow(directory)).map(async (entry) => {
      const status = await lstat(entry).catch(() => undefined)
      if (status === undefined || status.isSymbolicLink()) return []
      return [{name: path.relative(directory, entry), mode: (status.mode & 0o777).toString(8)}]
    }),
  )
  return modes.flat()
}

/** Lists the files below a directory. Links are not followed. */
export async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await entriesBelow(directory)
  const kept = await Promise.all(
    entries.map(async (entry) => (await lstat(entry).catch(() => undefined))?.isFile() === true),
  )
  return entries.filter((_, index) => kept[index])
}

/** Lists everything below a directory. Empty if it does not exist or is removed. */
async function entriesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, {withFileTypes: true}).catch(() => [])
  const nested = await Promise.all(
    entries.map(async (entry) => {
      const name = path.join(directory, entry.name)
      return [name, ...(entry.isDirectory() ? await entriesBelow(name) : [])]
    }),
  )
  return nested.flat().sort()
}

async function contentOf(file: string): Promise<Buffer> {
  return readFile(file).catch(() => Buffer.alloc(0))
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
