import {excerpt, firstLine} from './excerpt.ts'

/** Version of a run, and its source: `the Git tag v1.2.3`. */
export interface RunVersion {
  readonly text: string
  readonly from: string
}

/** Version in a file, or the reason for its absence. */
export type VersionResult =
  /** `where` is the place for the log: `crates/api/Cargo.toml, [package] version`. */
  {readonly ok: true; readonly version: string; readonly where: string} | NoVersion

/** Kind of failure to read a version from a file. */
export type VersionProblem =
  /** The file does not exist, or no file is set. */
  | 'file-missing'
  | 'file-unreadable'
  /** The location of the version in this kind of file is unknown. */
  | 'file-unknown'
  /** The file is not in the format of its name. */
  | 'file-invalid'
  | 'expression-invalid'
  | 'version-missing'
  | 'version-invalid'

/** Failure to read a version from a file. */
export interface NoVersion {
  readonly ok: false
  readonly problem: VersionProblem
  /** File, place and cause. */
  readonly reason: string
  readonly remedy: string
}

/** Checks the version of any kind of file. It must be one word of at most 128 characters, the longest possible tag. */
export function foundVersion(version: string, file: string, place: string): VersionResult {
  const where = `${file}, ${place}`
  const text = version.trim()
  if (text === '') return noVersion('version-invalid', `${where}: the version is empty`, 'Set a version there.')
  return /^[\x21-\x7e]{1,128}$/.test(text)
    ? {ok: true, version: text, where}
    : noVersion(
        'version-invalid',
        `${where}: ${excerpt(text)} is not a version`,
        'A version is one word of ASCII characters, such as 1.2.3.',
      )
}

/** Failure with a reason that starts with the file. */
export function noVersion(problem: VersionProblem, reason: string, remedy: string): NoVersion {
  return {ok: false, problem, reason, remedy}
}

/** Failure of a parser. */
export function brokenFile(file: string, language: string, error: unknown): NoVersion {
  return noVersion(
    'file-invalid',
    `${file}: not ${language} (${firstLine(error)})`,
    'Correct the file, or set another one.',
  )
}
