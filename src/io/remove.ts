import {randomUUID} from 'node:crypto'
import {cp, lstat, mkdir, rename, rm} from 'node:fs/promises'
import path from 'node:path'
import {errorCode} from '../errors/node-error.ts'

/** Removes a file or a directory tree. A path that does not exist is not an error. */
export async function remove(file: string): Promise<void> {
  await rm(file, {recursive: true, force: true, maxRetries: 3})
}

/** Removes a directory tree. A path that is not a directory, such as a link to one, is kept. */
export async function removeDirectory(directory: string): Promise<void> {
  const status = await lstat(directory).catch(() => undefined)
  if (status?.isDirectory() === true) await remove(directory)
}

/** Moves a directory tree in place of another. On another disk, the tree is copied beside its new path first. */
export async function replaceDirectory(source: string, target: string): Promise<void> {
  await mkdir(path.dirname(target), {recursive: true, mode: 0o700})
  try {
    await moveInPlace(source, target)
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error
    const beside = `${target}.${randomUUID()}`
    try {
      await cp(source, beside, {recursive: true})
      await moveInPlace(beside, target)
    } finally {
      await remove(beside)
    }
  }
}

/** Number of times that another process may put its own tree there in between. */
const attempts = 5

async function moveInPlace(source: string, target: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const old = `${source}-old-${attempt}`
    try {
      await moveAway(target, old)
      await rename(source, target)
      return
    } catch (error) {
      if (attempt === attempts || errorCode(error) === 'EXDEV') throw error
    } finally {
      await remove(old)
    }
  }
}

async function moveAway(target: string, old: string): Promise<void> {
  try {
    await rename(target, old)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}
