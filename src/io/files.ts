import {randomUUID} from 'node:crypto'
import {constants, createReadStream} from 'node:fs'
import {
  access,
  chmod,
  copyFile,
  cp,
  link,
  lstat,
  mkdir,
  readdir,
  rename,
  rm,
  stat,
  statfs,
  symlink,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'
import {errorCode} from '../errors/node-error.ts'
import {kindIn, readInside, readRegular, type FileKind} from './regular-file.ts'
import {remove, removeDirectory, replaceDirectory} from './remove.ts'

/**
 * File operations of Tagboat. Files are created with access for the current user only, under a name that did not exist:
 * a symbolic link at that path is replaced, never followed.
 */
export interface Files {
  /**
   * Reads a text file; undefined when it does not exist. A pipe or a device does not block it.
   * @throws NodeJS.ErrnoException; UnreadableFileError when it is not a regular file, or is too large.
   */
  read(file: string): Promise<string | undefined>
  /**
   * Reads a text file that must be inside a directory after symbolic links are resolved; undefined when it does not
   * exist.
   * @throws NodeJS.ErrnoException; UnreadableFileError also when the file is outside the directory.
   */
  readBelow(directory: string, file: string): Promise<string | undefined>
  /** Streams the bytes of a file. @throws NodeJS.ErrnoException during iteration. */
  openRead(file: string): AsyncIterable<Uint8Array>
  /** Creates a new file with mode 0600 from a stream. @throws NodeJS.ErrnoException `EEXIST`; errors of the stream. */
  writeStream(file: string, chunks: AsyncIterable<Uint8Array>): Promise<void>
  /** Creates or atomically replaces a file, with mode 0600. */
  writePrivate(file: string, text: string): Promise<void>
  /** Atomically creates a file with mode 0600; returns false when it exists. Of concurrent callers, one succeeds. */
  writeNew(file: string, text: string): Promise<boolean>
  /** Creates a directory and its parents with mode 0700. An existing directory is not changed. */
  makePrivateDirectory(directory: string): Promise<void>
  /**
   * Creates a new directory with mode 0700, and its parents.
   * @throws NodeJS.ErrnoException `EEXIST` when the path exists.
   */
  makeNewDirectory(directory: string): Promise<void>
  /** Lists the names in a directory; empty when it does not exist. */
  list(directory: string): Promise<readonly string[]>
  /** Reports whether a path exists; symbolic links are not followed. */
  exists(file: string): Promise<boolean>
  /** Type of a path, with symbolic links followed; undefined when it does not exist or is not accessible. */
  kindOf(file: string): Promise<FileKind | undefined>
  /** Space of the disk that has a directory; undefined when it does not exist. */
  space(directory: string): Promise<DiskSpace | undefined>
  /** Reports whether this user can read and write a directory, or create it if it does not exist. */
  isWritable(directory: string): Promise<boolean>
  /** Copies a directory tree to a new path, for the current user only. */
  copyDirectory(source: string, target: string): Promise<void>
  /**
   * Moves a directory tree to a path, in place of a tree that exists. A process that reads the path, or a later one if
   * this one is killed, finds the old tree, the new one, or none, but never a part of one.
   */
  replaceDirectory(source: string, target: string): Promise<void>
  /** Copies a regular file to a new path, with mode 0600; returns false for a large file, which is not copied. */
  copyPrivate(source: string, target: string): Promise<boolean>
  /** Creates a symbolic link to `target`, or a copy where the system permits no link. */
  link(target: string, link: string): Promise<void>
  /** Removes a file or a directory tree, if it exists. Symbolic links are removed, not followed. */
  remove(file: string): Promise<void>
  /** Removes a directory tree. A path that is not a directory, such as a link to one, is kept. */
  removeDirectory(directory: string): Promise<void>
}

/** Space of a disk for this user. */
interface DiskSpace {
  readonly freeBytes: number
  readonly totalBytes: number
}

/** Size limit of copied files; certificates and settings are far smaller. */
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
  async writeStream(file, chunks) {
    await writeFile(file, chunks, {mode: 0o600, flag: 'wx'})
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
      // A hard link to the complete file. It fails when the path exists.
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
  async space(directory) {
    const found = await statfs(directory).catch(() => undefined)
    return found && {freeBytes: found.bavail * found.bsize, totalBytes: found.blocks * found.bsize}
  },
  async kindOf(file) {
    try {
      return kindIn(await stat(file))
    } catch {
      // A dangling link, or a directory without access.
      return undefined
    }
  },
  async isWritable(directory) {
    try {
      await access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
      return true
    } catch (error) {
      const parent = path.dirname(directory)
      return errorCode(error) === 'ENOENT' && parent !== directory && (await files.isWritable(parent))
    }
  },
  async copyDirectory(source, target) {
    await mkdir(target, {mode: 0o700})
    await cp(source, target, {recursive: true})
    await chmod(target, 0o700)
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
  remove,
  removeDirectory,
  replaceDirectory,
}

/** Writes to an unpredictable new path beside the file. `O_EXCL` does not follow a symbolic link. */
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

/** Reads system files: those that this user may not read count as missing. */
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
