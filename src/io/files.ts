import {randomUUID} from 'node:crypto'
import {constants, createReadStream} from 'node:fs'
import {chmod, copyFile, cp, link, lstat, mkdir, readdir, rename, rm, stat, symlink, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {errorCode} from '../errors/node-error.ts'
import {kindIn, readInside, readRegular, type FileKind} from './regular-file.ts'

/**
 * The few things that Tagboat does with files. Everything it writes is for its own user alone, and is written to a name that
 * did not exist before: a link that somebody left in the way is replaced, never followed.
 */
export interface Files {
  /**
   * The text of a file, or undefined when it does not exist. A pipe or a device never makes it wait.
   * @throws NodeJS.ErrnoException; UnreadableFileError for what is not a regular file, or is too large.
   */
  read(file: string): Promise<string | undefined>
  /**
   * The same for a file that must be in this directory when every link on the way to it is followed.
   * @throws also UnreadableFileError for a file elsewhere.
   */
  readBelow(directory: string, file: string): Promise<string | undefined>
  /** The bytes of a file, read while they are asked for. @throws NodeJS.ErrnoException in the loop over it. */
  openRead(file: string): AsyncIterable<Uint8Array>
  /** Makes the file with mode 0600, or replaces it; who reads it meanwhile sees the old text or the new, whole. */
  writePrivate(file: string, text: string): Promise<void>
  /** Makes the file with mode 0600, whole, unless there is one; false then. Of several at the same time, one makes it. */
  writeNew(file: string, text: string): Promise<boolean>
  /** Makes the directory, and those above it, with mode 0700. One that exists stays as it is. */
  makePrivateDirectory(directory: string): Promise<void>
  /** The same for a directory of this run's own. @throws NodeJS.ErrnoException `EEXIST` when anything of that name exists. */
  makeNewDirectory(directory: string): Promise<void>
  /** Names in a directory; none when there is no directory. */
  list(directory: string): Promise<readonly string[]>
  exists(file: string): Promise<boolean>
  /** What a path is, with links followed; undefined for what does not exist or cannot be looked at. */
  kindOf(file: string): Promise<FileKind | undefined>
  /** Copies a regular file to a name that does not exist yet, with mode 0600. A large file is not copied: false. */
  copyPrivate(source: string, target: string): Promise<boolean>
  /** Makes `link` stand for `target`; where the system has no links for everyone, a copy. */
  link(target: string, link: string): Promise<void>
  /** Removes a file or a whole directory; links in it are removed, not followed. Nothing there is fine. */
  remove(file: string): Promise<void>
  /** The same for a directory alone: anything else of that name, such as a link to one, stays. */
  removeDirectory(directory: string): Promise<void>
}

/** Certificates and settings are far smaller. */
const maxCopiedBytes = 1024 * 1024

export const files: Files = {
  async read(file) {
    return found(readRegular(file))
  },
  async readBelow(directory, file) {
    return found(readInside(directory, file))
  },
  async *openRead(file) {
    for await (const chunk of createReadStream(file)) {
      if (chunk instanceof Uint8Array) yield chunk
    }
  },
  async writePrivate(file, text) {
    const unfinished = await writeBeside(file, text)
    try {
      await rename(unfinished, file)
    } catch (error) {
      await rm(unfinished, {force: true})
      throw error
    }
  },
  async writeNew(file, text) {
    const unfinished = await writeBeside(file, text)
    try {
      // A second name for the whole file, which is not given where it is taken.
      await link(unfinished, file)
      return true
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false
      throw error
    } finally {
      await rm(unfinished, {force: true})
    }
  },
  async makePrivateDirectory(directory) {
    await mkdir(directory, {recursive: true, mode: 0o700})
  },
  async makeNewDirectory(directory) {
    await mkdir(path.dirname(directory), {recursive: true, mode: 0o700})
    await mkdir(directory, {mode: 0o700})
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
  async kindOf(file) {
    try {
      return kindIn(await stat(file))
    } catch {
      // A link to nothing, or a place that this user may not look into.
      return undefined
    }
  },
  async copyPrivate(source, target) {
    const {size} = await stat(source)
    if (size > maxCopiedBytes) return false
    await copyFile(source, target, constants.COPYFILE_EXCL)
    await chmod(target, 0o600)
    return true
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
  async removeDirectory(directory) {
    const status = await lstat(directory).catch(() => undefined)
    if (status?.isDirectory() === true) await files.remove(directory)
  },
}

/** A name beside the file that nobody can have foreseen, and that must not exist (`O_EXCL` follows no link). */
async function writeBeside(file: string, text: string): Promise<string> {
  const unfinished = `${file}.${randomUUID()}`
  await writeFile(unfinished, text, {mode: 0o600, flag: 'wx'})
  return unfinished
}

async function found(reading: Promise<string>): Promise<string | undefined> {
  try {
    return await reading
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** The same for the system's own files: what this user cannot read there holds nothing for them. */
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
    if (['EACCES', 'EPERM', 'EISDIR', 'EINVAL'].some((code) => code === errorCode(error))) return otherwise
    throw error
  }
}

function isNotFound(error: unknown): boolean {
  return errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR'
}
