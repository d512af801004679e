import type {BoundedRegex} from '../../io/bounded-regex.ts'
import {explainRegexFailure} from '../regex-failure.ts'
import {cargoVersion, type ReadText} from './cargo-version.ts'
import {chartVersion} from './chart-version.ts'
import {gradleVersion} from './gradle-version.ts'
import {fieldAt} from '../payload.ts'
import {pomVersion} from './pom-version.ts'
import {pyprojectVersion} from './pyproject-version.ts'
import {brokenFile, firstLine, foundVersion, noVersion, type VersionResult} from './version-result.ts'

export type {ReadText, VersionResult}

/** `version: file:PATH` or `file:PATH#EXPRESSION`. */
export interface VersionFile {
  /** Relative to the checkout, with forward slashes. */
  readonly path: string
  /** Source of a regular expression: its first group, or else its whole match, is the version. */
  readonly expression: string | undefined
}

/**
 * Reads `PATH` or `PATH#EXPRESSION`. The first `#` counts: a file name may hold one as rarely as an expression may not.
 */
export function parseVersionFile(text: string): VersionFile {
  const hash = text.indexOf('#')
  const path = (hash === -1 ? text : text.slice(0, hash))
    .trim()
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/+)+/, '')
  return {path, expression: hash === -1 ? undefined : text.slice(hash + 1)}
}

/**
 * The version that a file of the checkout holds. Which field of it, is known by the file's name, in any folder; other
 * files need an expression. A parser is loaded only for a file that needs it. Never throws.
 */
export async function readVersionFile(file: VersionFile, read: ReadText, regex: BoundedRegex): Promise<VersionResult> {
  const {path} = file
  if (path === '') return noVersion('no file is named', 'Write the path of one, such as package.json.')
  try {
    const text = await read(path)
    return text === undefined
      ? noVersion(`${path}: there is no such file`, 'Check out the repository before this step, and check the path.')
      : await versionIn(file, text, {read, regex})
  } catch (error) {
    const reason = firstLine(error)
    const place = reason.startsWith('EXDEV') ? 'in the checkout, or in RUNNER_TEMP' : 'that this user may read'
    return noVersion(`${path}: it cannot be read (${reason})`, `Name a text file ${place}.`)
  }
}

interface Seams {
  readonly read: ReadText
  readonly regex: BoundedRegex
}

async function versionIn({path, expression}: VersionFile, text: string, {read, regex}: Seams): Promise<VersionResult> {
  if (text.length > maxCharacters)
    return noVersion(`${path}: more than ${maxCharacters} characters`, 'Name a smaller file that holds the version.')
  // What an editor of Windows puts in front of a text is no part of it.
  const content = text.replace(/^\uFEFF/, '')
  if (expression !== undefined) return matchedVersion(path, expression, {text: content, regex})
  const reader = readerOf(path)
  return reader === undefined
    ? noVersion(
        `${path}: where this file keeps its version is not known`,
        `Add an expression (${path}#version = "(.*)"), or name one of: ${knownFiles.join(', ')}.`,
      )
    : reader(path, content, read)
}

/** Far more than any of these files has; what is longer was not written by people. */
const maxCharacters = 4 * 1024 * 1024

type Reader = (path: string, text: string, read: ReadText) => VersionResult | Promise<VersionResult>

const readers: Readonly<Record<string, Reader>> = {
  'package.json': packageJsonVersion,
  'Cargo.toml': cargoVersion,
  'pyproject.toml': pyprojectVersion,
  'pom.xml': pomVersion,
  'gradle.properties': gradleVersion,
  'Chart.yaml': chartVersion,
}

const knownFiles = [...Object.keys(readers), 'VERSION']

function readerOf(path: string): Reader | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (/^\.?version(?:\.txt)?$/i.test(name)) return plainVersion
  return Object.hasOwn(readers, name) ? readers[name] : undefined
}

/** https://docs.npmjs.com/cli/configuring-npm/package-json#version */
function packageJsonVersion(path: string, text: string): VersionResult {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    return brokenFile(path, 'JSON', error)
  }
  const version = fieldAt(document, 'version')
  return typeof version === 'string'
    ? foundVersion(version, path, 'version')
    : noVersion(`${path}: it has no text as "version"`, 'Add one, or name another file.')
}

/** The first line that is not blank. */
function plainVersion(path: string, text: string): VersionResult {
  const [line = ''] = text.trimStart().split(/[\r\n]/, 1)
  return foundVersion(line, path, 'first line')
}

/** `^` and `$` stand for the begin and end of a line: that is how people look at files. */
function matchedVersion(
  path: string,
  expression: string,
  {text, regex}: {readonly text: string; readonly regex: BoundedRegex},
): VersionResult {
  if (expression === '')
    return noVersion(`${path}: the expression behind # is empty`, `Write one, such as ${path}#version = "(.*)".`)
  const answer = regex.match(expression, 'm', text.replaceAll('\r\n', '\n'))
  if (answer.kind === 'none')
    return noVersion(`${path}: nothing in it matches /${expression}/m`, 'Try the expression on the lines of the file.')
  if (answer.kind !== 'match') {
    const {reason, remedy} = explainRegexFailure(answer)
    return noVersion(`${path}: the expression /${expression}/m ${reason}`, remedy)
  }
  return foundVersion(answer.groups[1] ?? answer.groups[0] ?? '', path, `/${expression}/m`)
}
