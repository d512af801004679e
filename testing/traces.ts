import {createHash} from 'node:crypto'
import {lstat, readdir, readFile, readlink} from 'node:fs/promises'
import path from 'node:path'

/** Text by which a secret would be recognised, by what it is. */
export type Marks = Readonly<Record<string, string>>

/** A login leaves these: the password, and what the Docker CLI writes and registries are sent. */
export function loginMarks({username, password}: {readonly username: string; readonly password: string}): Marks {
  return {
    password,
    'password in base64': base64(password),
    'login in base64': base64(`${username}:${password}`),
  }
}

/** `name of the mark in file`, for every file below the directories that holds one. */
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

/** Names of the marks that stand in this text. */
export function marksIn(marks: Marks, text: string): readonly string[] {
  return Object.entries(marks).flatMap(([name, mark]) => (text.includes(mark) ? [name] : []))
}

/** Everything below a directory, as `path: kind mode content`: two are equal when nothing was changed. */
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

/** `path mode` of everything below a directory that is no link, as octal text. */
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

/** Files below a directory; links are not followed. */
export async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await entriesBelow(directory)
  const kept = await Promise.all(
    entries.map(async (entry) => (await lstat(entry).catch(() => undefined))?.isFile() === true),
  )
  return entries.filter((_, index) => kept[index])
}

/** None when there is no directory, or when it goes away meanwhile. */
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
