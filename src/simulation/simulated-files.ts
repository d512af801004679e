import type {Files} from '../io/files.ts'
import {cannotSimulate} from './not-simulated.ts'

/**
 * Files in memory, by absolute path, and those that `others` reads. They can only be read. `isMissing` is called for a file
 * of the checkout that neither has.
 */
export function simulatedFiles(
  texts: ReadonlyMap<string, string>,
  others: (file: string) => Promise<string | undefined>,
  isMissing: (file: string) => void,
): Files {
  const read = async (file: string): Promise<string | undefined> => texts.get(file) ?? others(file)
  const directories = directoriesOf(texts)
  const refuse = async (): Promise<never> => Promise.reject(cannotSimulate('it writes a file'))
  return {
    read,
    readBelow: async (_, file) => {
      const text = await read(file)
      if (text === undefined) isMissing(file)
      return text
    },
    openRead: () => {
      throw cannotSimulate('it reads the bytes of a file')
    },
    list: async (directory) => Promise.resolve([...(directories.get(directory) ?? [])]),
    exists: async (file) => directories.has(file) || (await read(file)) !== undefined,
    // An earlier step of the job may have written a file, or have started an agent.
    kindOf: async (file) => Promise.resolve(directories.has(file) ? 'directory' : 'file'),
    space: async () => Promise.resolve(undefined),
    isWritable: async () => Promise.resolve(false),
    writeStream: refuse,
    writePrivate: refuse,
    writeNew: refuse,
    makePrivateDirectory: refuse,
    makeNewDirectory: refuse,
    copyDirectory: refuse,
    replaceDirectory: refuse,
    copyPrivate: refuse,
    link: refuse,
    remove: refuse,
    removeDirectory: refuse,
  }
}

/** Directories with the names in them. */
function directoriesOf(texts: ReadonlyMap<string, string>): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  for (const file of texts.keys()) {
    for (let at = file.lastIndexOf('/'), child = file; at >= 0; at = child.lastIndexOf('/')) {
      const parent = at === 0 ? '/' : child.slice(0, at)
      found.set(parent, (found.get(parent) ?? new Set()).add(child.slice(at + 1)))
      if (parent === '/') break
      child = parent
    }
  }
  return found
}
