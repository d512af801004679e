import {isUtf8} from 'node:buffer'
import {randomUUID} from 'node:crypto'
import {chmod, open, readdir, readFile, realpath, rename, rm, stat, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {errorCode} from '../errors/node-error.ts'

/** File that a person has named, or one of a folder that they have named. */
export interface NamedFile {
  /** Path as it was named. */
  readonly name: string
  readonly text: string
}

/** Reason why a path cannot be read or written. */
export interface PathProblem {
  readonly name: string
  readonly message: string
  readonly remedy: string
}

/** Workflow files on disk. */
export interface WorkflowFiles {
  /** Reads files. A folder means its `*.yml` and `*.yaml`, without those of its subfolders. */
  read(
    names: readonly string[],
  ): Promise<{readonly files: readonly NamedFile[]; readonly problems: readonly PathProblem[]}>
  /** Replaces the content of a file at once, so that no reader sees half of it. */
  replace(name: string, text: string): Promise<PathProblem | undefined>
}

/** Files below a directory. Paths are relative to it. */
export function workflowFiles(directory: string): WorkflowFiles {
  return {
    read: async (names) => {
      const files: NamedFile[] = []
      const problems: PathProblem[] = []
      for (const name of names) {
        const found = await namesBelow(directory, name)
        if ('message' in found) problems.push(found)
        else
          for (const one of found.names) {
            const file = await readNamedFile(directory, one)
            if ('message' in file) problems.push(file)
            else files.push(file)
          }
      }
      return {files, problems}
    },
    replace: async (name, text) => await replaceFile(directory, name, text),
  }
}

/** Reads a file of UTF-8. A mark at its start (BOM) is part of the text, so that writing it back keeps it. */
export async function readNamedFile(directory: string, name: string): Promise<NamedFile | PathProblem> {
  try {
    const content = await readFile(path.resolve(directory, name))
    // Other bytes would be read as U+FFFD, and written back as such.
    if (!isUtf8(content)) return problem(name, 'is not UTF-8', 'Save the file as UTF-8.')
    return {name, text: content.toString('utf8')}
  } catch (error) {
    return problem(name, reasonOf(error), readable)
  }
}

const readable = 'Name a file or a folder that exists and can be read.'

async function namesBelow(directory: string, name: string): Promise<{readonly names: readonly string[]} | PathProblem> {
  try {
    const kind = await stat(path.resolve(directory, name))
    if (kind.isFile()) return {names: [name]}
    if (!kind.isDirectory()) return problem(name, 'is neither a file nor a folder', 'Name a workflow file.')
    const entries = await readdir(path.resolve(directory, name), {withFileTypes: true})
    const workflows = entries.filter((entry) => !entry.isDirectory() && /\.ya?ml$/.test(entry.name))
    if (workflows.length === 0)
      return problem(name, 'has no workflow files', 'Name the folder .github/workflows, or a file.')
    return {names: workflows.map((entry) => path.join(name, entry.name)).sort()}
  } catch (error) {
    return problem(name, reasonOf(error), readable)
  }
}

async function replaceFile(directory: string, name: string, text: string): Promise<PathProblem | undefined> {
  const unfinished = `.${path.basename(name)}.${randomUUID()}`
  try {
    // A link stays a link: what it points to is replaced.
    const named = path.resolve(directory, name)
    const [file, root] = await Promise.all([realpath(named), realpath(directory)])
    if (!isOutside(directory, named) && isOutside(root, file))
      return problem(name, `is a link to ${file}, outside of ${root}`, 'Name the file that the link points to.')
    // A rename would replace a file that is write-protected.
    await (await open(file, 'r+')).close()
    const temporary = path.join(path.dirname(file), unfinished)
    try {
      await writeFile(temporary, text, {flag: 'wx'})
      await chmod(temporary, (await stat(file)).mode)
      await rename(temporary, file)
    } finally {
      await rm(temporary, {force: true})
    }
    return undefined
  } catch (error) {
    const message = errorCode(error) === 'EACCES' ? 'cannot be written' : reasonOf(error)
    return problem(name, message, 'Make the file and its folder writable.')
  }
}

function isOutside(root: string, file: string): boolean {
  const relative = path.relative(root, file)
  return relative.startsWith('..') || path.isAbsolute(relative)
}

function problem(name: string, message: string, remedy: string): PathProblem {
  return {name, message, remedy}
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'cannot be read',
  EPERM: 'cannot be changed',
  EROFS: 'is on a file system that is read-only',
  EISDIR: 'is a folder',
  ENOTDIR: 'is below a file',
  ELOOP: 'is a link that points to itself',
}

function reasonOf(error: unknown): string {
  const code = errorCode(error)
  return (code === undefined ? undefined : reasons[code]) ?? `cannot be used (${String(code ?? error)})`
}
