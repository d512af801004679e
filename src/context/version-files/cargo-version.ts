import {fieldAt} from '../payload.ts'
import {parseToml} from './toml.ts'
import {foundVersion, noVersion, type VersionResult} from './version-result.ts'

/** Reads another file of the checkout: undefined when there is none. The path is relative to the checkout's root. */
export type ReadText = (path: string) => Promise<string | undefined>

/**
 * `[package] version` of Cargo.toml, or the `[workspace.package] version` that it inherits
 * (https://doc.rust-lang.org/cargo/reference/workspaces.html#the-package-table). The workspace's root is the file itself,
 * the one that `package.workspace` names, or the nearest one above with a `[workspace]`, as Cargo looks for it.
 */
export async function cargoVersion(file: string, text: string, read: ReadText): Promise<VersionResult> {
  const toml = await parseToml(file, text)
  if (!toml.ok) return toml
  const version = fieldAt(toml.document, 'package', 'version')
  if (typeof version === 'string') return foundVersion(version, file, '[package] version')
  if (fieldAt(version, 'workspace') === true) return inherited(file, toml.document, read)
  if (fieldAt(toml.document, 'package') === undefined) return workspaceVersion(file, toml.document)
  return noVersion(`${file}, [package]: it has no version`, 'Add version = "…", or version.workspace = true.')
}

async function inherited(file: string, document: unknown, read: ReadText): Promise<VersionResult> {
  if (isWorkspace(document)) return workspaceVersion(file, document)
  for (const candidate of rootCandidates(file, document)) {
    const text = await read(candidate)
    if (text === undefined) continue
    const toml = await parseToml(candidate, text.replace(/^\uFEFF/, ''))
    if (!toml.ok) return toml
    if (isWorkspace(toml.document)) return workspaceVersion(candidate, toml.document)
  }
  return noVersion(
    `${file}, [package] version: it is the workspace's, and no Cargo.toml above has a [workspace]`,
    'Check out the whole repository, or name the Cargo.toml of the workspace.',
  )
}

function workspaceVersion(file: string, document: unknown): VersionResult {
  const version = fieldAt(document, 'workspace', 'package', 'version')
  return typeof version === 'string'
    ? foundVersion(version, file, '[workspace.package] version')
    : noVersion(`${file}: [workspace.package] has no version`, 'Add one, or name the Cargo.toml of one package.')
}

function isWorkspace(document: unknown): boolean {
  return fieldAt(document, 'workspace') !== undefined
}

/** Paths of the files that may be the workspace's root, nearest first; none of them outside of the checkout. */
function rootCandidates(file: string, document: unknown): readonly string[] {
  const folders = file.split('/').slice(0, -1)
  const named = fieldAt(document, 'package', 'workspace')
  if (typeof named === 'string') {
    const folder = resolve(folders, named)
    return folder === undefined ? [] : [[...folder, 'Cargo.toml'].join('/')]
  }
  return folders.map((_, index) => [...folders.slice(0, folders.length - 1 - index), 'Cargo.toml'].join('/'))
}

/** A relative path from a folder; undefined when it leaves the checkout. */
function resolve(from: readonly string[], path: string): readonly string[] | undefined {
  const folder = [...from]
  for (const name of path.split(/[/\\]/)) {
    if (name === '..' && folder.pop() === undefined) return undefined
    if (name !== '..' && name !== '.' && name !== '') folder.push(name)
  }
  return folder
}
