import {randomUUID} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {cp, link, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile} from 'node:fs/promises'
import path from 'node:path'

/** The few things that Tagboat does with files. Everything it writes is for its own user alone. */
export interface Files {
  /** The text of a file, or undefined when there is none. */
  read(file: string): Promise<string | undefined>
  /** The bytes of a file, read while they are asked for. @throws NodeJS.ErrnoException in the loop over it. */
  openRead(file: string): AsyncIterable<Uint8Array>
  /** Makes the file with mode 0600, or replaces it; who reads it meanwhile sees the old text or the new, whole. */
  writePrivate(file: string, text: string): Promise<void>
  /** Makes the file with mode 0600, whole, unless there is one; false then. Of several at the same time, one makes it. */
  writeNew(file: string, text: string): Promise<boolean>
  /** Makes the directory, and those above it, with mode 0700. */
  makePrivateDirectory(directory: string): Promise<void>
  /** Names in a directory; none when there is no directory. */
  list(directory: string): Promise<readonly string[]>
  exists(file: string): Promise<boolean>
  /** Makes `link` stand for `target`; where the system has no links for everyone, a copy. */
  link(target: string, link: string): Promise<void>
  /** Removes a file or a whole directory; links in it are removed, not followed. Nothing there is fine. */
  remove(file: string): Promise<void>
}

export const files: Files = {
  async read(file) {
    try {
      return await readFile(file, 'utf8')
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  },
  async *openRead(file) {
    for await (const chunk of createReadStream(file)) {
      if (chunk instanceof Uint8Array) yield chunk
    }
  },
  async writePrivate(file, text) {
    const unfinished = `${file}.new`
    await writeFile(unfinished, text, {mode: 0o600})
    await rename(unfinished, file)
  },
  async writeNew(file, text) {
    const unfinished = `${file}.${randomUUID()}`
    await writeFile(unfinished, text, {mode: 0o600})
    try {
      // A second name for the whole file, which is not given where it is taken.
      await link(unfinished, file)
      return true
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false
      throw error
    } finally {
      await rm(unfinished, {force: true})
    }
  },
  async makePrivateDirectory(directory) {
    await mkdir(directory, {recursive: true, mode: 0o700})
  },
  async list(directory) {
    try {
      return await readdir(directory)
    } catch (error) {
      if (isNotFound(error)) return []
      throw error
    }
  },
  async exists(file) {
    try {
      await lstat(file)
      return true
    } catch (error) {
      if (isNotFound(error)) return false
      throw error
    }
  },
  async link(target, link) {
    try {
      await symlink(path.resolve(target), link, 'junction')
    } catch {
      await cp(target, link, {recursive: true})
    }
  },
  async remove(file) {
    await rm(file, {recursive: true, force: true, maxRetries: 3})
  },
}

/** The same for the system's own files: what this user may not read there holds nothing for them. */
export function readable({read, list}: Pick<Files, 'read' | 'list'>): Pick<Files, 'read' | 'list'> {
  return {
    read: async (file) => allowed(read(file), undefined),
    list: async (directory) => allowed(list(directory), []),
  }
}

async function allowed<T>(reading: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await reading
  } catch (error) {
    if (codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM') return otherwise
    throw error
  }
}

function isNotFound(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'
}

/** By its shape: an error of Node's own may come from another realm, where `instanceof Error` is false. */
function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
