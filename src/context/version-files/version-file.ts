import type {BoundedRegex} from '../../io/bounded-regex.ts'
import {explainRegexFailure} from '../regex-failure.ts'
import {cargoVersion, type ReadText} from './cargo-version.ts'
import {chartVersion} from './chart-version.ts'
import {gradleVersion} from './gradle-version.ts'
import {fieldAt} from '../payload.ts'
import {pomVersion} from './pom-version.ts'
import {pyprojectVersion} from './pyproject-version.ts'
import {firstLine} from './excerpt.ts'
import {brokenFile, foundVersion, noVersion, type VersionResult} from './version-result.ts'

/** Value of `version: file:PATH` or `file:PATH#EXPRESSION`. */
interface VersionFile {
  /** Relative to the checkout, with forward slashes. */
  readonly path: string
  /** Regular expression whose first group, or else its match, is the version. */
  readonly expression: string | undefined
}

/** Parses `PATH` or `PATH#EXPRESSION`. The first `#` counts, since file names rarely contain one. */
export function parseVersionFile(text: string): VersionFile {
  const hash = text.indexOf('#')
  const path = (hash === -1 ? text : text.slice(0, hash))
    .trim()
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/+)+/, '')
  return {path, expression: hash === -1 ? undefined : text.slice(hash + 1)}
}

/**
 * Reads the version from a file of the checkout. The name of the file determines the field; other files need an
 * expression. A parser is loaded only for a file that needs it. Never throws.
 */
export async function readVersionFile(file: VersionFile, read: ReadText, regex: BoundedRegex): Promise<VersionResult> {
  const {path} = file
  if (path === '') return noVersion('file-missing', 'no file is set', 'Set the path of a file such as package.json.')
  try {
    const text = await read(path)
    return text === undefined
      ? noVersion(
          'file-missing',
          `${path}: the file does not exist`,
          'Check out the repository before this step, and check the path.',
        )
      : await versionIn(file, text, {read, regex})
  } catch (error) {
    const reason = firstLine(error)
    const place = reason.startsWith('EXDEV') ? 'in the checkout, or in RUNNER_TEMP' : 'that this user can read'
    return noVersion('file-unreadable', `${path}: it cannot be read (${reason})`, `Set a text file ${place}.`)
  }
}

interface Dependencies {
  readonly read: ReadText
  readonly regex: BoundedRegex
}

async function versionIn(
  {path, expression}: VersionFile,
  text: string,
  {read, regex}: Dependencies,
): Promise<VersionResult> {
  if (text.length > maxCharacters)
    return noVersion(
      'file-unreadable',
      `${path}: more than ${maxCharacters} characters`,
      'Set a smaller file that has the version.',
    )
  // Editors on Windows write a byte order mark.
  const content = text.replace(/^\uFEFF/, '')
  if (expression !== undefined) return matchedVersion(path, expression, {text: content, regex})
  const reader = readerOf(path)
  return reader === undefined
    ? noVersion(
        'file-unknown',
        `${path}: the location of the version in this file is unknown`,
        `Add an expression (${path}#version = "(.*)"), or use one of: ${knownFiles.join(', ')}.`,
      )
    : reader(path, content, read)
}

/** Limit far above the size of handwritten files. */
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

/** Reads `version` of package.json: https://docs.npmjs.com/cli/configuring-npm/package-json#version */
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
    : noVersion('version-missing', `${path}: "version" is not a string`, 'Add one, or set another file.')
}

/** Reads the first line that is not empty. */
function plainVersion(path: string, text: string): VersionResult {
  const [line = ''] = text.trimStart().split(/[\r\n]/, 1)
  return foundVersion(line, path, 'first line')
}

/** Reads the match of an expression, in which `^` and `$` match at line breaks. */
function matchedVersion(
  path: string,
  expression: string,
  {text, regex}: {readonly text: string; readonly regex: BoundedRegex},
): VersionResult {
  if (expression === '')
    return noVersion(
      'expression-invalid',
      `${path}: the expression after # is empty`,
      `Set one such as ${path}#version = "(.*)".`,
    )
  const match = regex.match(expression, 'm', text.replaceAll('\r\n', '\n'))
  if (match.kind === 'none')
    return noVersion(
      'version-missing',
      `${path}: no match for /${expression}/m`,
      'Test the expression with the lines of the file.',
    )
  if (match.kind !== 'match') {
    const {reason, remedy} = explainRegexFailure(match)
    return noVersion('expression-invalid', `${path}: the expression /${expression}/m ${reason}`, remedy)
  }
  return foundVersion(match.groups[1] ?? match.groups[0] ?? '', path, `/${expression}/m`)
}
