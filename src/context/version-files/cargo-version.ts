import {fieldAt} from '../payload.ts'
import {parseToml} from './toml.ts'
import {foundVersion, noVersion, type VersionResult} from './version-result.ts'

/** Reads another file of the checkout by its path relative to the root. Undefined if it does not exist. */
export type ReadText = (path: string) => Promise<string | undefined>

/**
 * Reads `[package] version` of Cargo.toml, or the `[workspace.package] version` that it inherits
 * (https://doc.rust-lang.org/cargo/reference/workspaces.html#the-package-table). The root of the workspace is the file
 * itself, that of `package.workspace`, or the nearest parent with a `[workspace]`, as for Cargo.
 */
export async function cargoVersion(file: string, text: string, read: ReadText): Promise<VersionResult> {
  const toml = await parseToml(file, text)
  if (!toml.ok) return toml
  const version = fieldAt(toml.document, 'package', 'version')
  if (typeof version === 'string') return foundVersion(version, file, '[package] version')
  if (fieldAt(version, 'workspace') === true) return inheritedVersion(file, toml.document, read)
  if (fieldAt(toml.document, 'package') === undefined) return workspaceVersion(file, toml.document)
  return noVersion(
    'version-missing',
    `${file}, [package]: no version`,
    'Add version = "…", or version.workspace = true.',
  )
}

async function inheritedVersion(file: string, document: unknown, read: ReadText): Promise<VersionResult> {
  if (isWorkspace(document)) return workspaceVersion(file, document)
  for (const candidate of rootCandidates(file, document)) {
    const text = await read(candidate)
    if (text === undefined) continue
    const toml = await parseToml(candidate, text.replace(/^\uFEFF/, ''))
    if (!toml.ok) return toml
    if (isWorkspace(toml.document)) return workspaceVersion(candidate, toml.document)
  }
  return noVersion(
    'version-missing',
    `${file}, [package] version: it is inherited, but no parent directory has a Cargo.toml with a [workspace]`,
    'Check out the whole repository, or set the Cargo.toml of the workspace.',
  )
}

function workspaceVersion(file: string, document: unknown): VersionResult {
  const version = fieldAt(document, 'workspace', 'package', 'version')
  return typeof version === 'string'
    ? foundVersion(version, file, '[workspace.package] version')
    : noVersion(
        'version-missing',
        `${file}: [workspace.package] has no version`,
        'Add one, or set the Cargo.toml of a package.',
      )
}

function isWorkspace(document: unknown): boolean {
  return fieldAt(document, 'workspace') !== undefined
}

/** Paths of possible roots of the workspace in the checkout, the nearest first. */
function rootCandidates(file: string, document: unknown): readonly string[] {
  const folders = file.split('/').slice(0, -1)
  const workspacePath = fieldAt(document, 'package', 'workspace')
  if (typeof workspacePath === 'string') {
    const folder = resolve(folders, workspacePath)
    return folder === undefined ? [] : [[...folder, 'Cargo.toml'].join('/')]
  }
  return folders.map((_, index) => [...folders.slice(0, folders.length - 1 - index), 'Cargo.toml'].join('/'))
}

/** Resolves a path relative to a folder. Undefined if it leaves the checkout. */
function resolve(from: readonly string[], path: string): readonly string[] | undefined {
  const folder = [...from]
  for (const name of path.split(/[/\\]/)) {
    if (name === '..' && folder.pop() === undefined) return undefined
    if (name !== '..' && name !== '.' && name !== '') folder.push(name)
  }
  return folder
}
