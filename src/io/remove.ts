import {lstat, rm} from 'node:fs/promises'

/** Removes a file or a directory tree. A path that does not exist is not an error. */
export async function remove(file: string): Promise<void> {
  await rm(file, {recursive: true, force: true, maxRetries: 3})
}

/** Removes a directory tree. A path that is not a directory, such as a link to one, is kept. */
export async function removeDirectory(directory: string): Promise<void> {
  const status = await lstat(directory).catch(() => undefined)
  if (status?.isDirectory() === true) await remove(directory)
}
