/** The version of a run, and where it was found: `the Git tag v1.2.3`. */
export interface RunVersion {
  readonly text: string
  readonly from: string
}

/** What a file says about the version, or why it says nothing. */
export type VersionResult =
  /** `where` is for the log: `crates/api/Cargo.toml, [package] version`. */
  {readonly ok: true; readonly version: string; readonly where: string} | NoVersion

export interface NoVersion {
  readonly ok: false
  /** Names file, place and cause. */
  readonly reason: string
  readonly remedy: string
}

/** A version as a file wrote it; what could be no version of anything is refused here, for every kind of file. */
export function foundVersion(version: string, file: string, place: string): VersionResult {
  const where = `${file}, ${place}`
  const text = version.trim()
  if (text === '') return noVersion(`${where}: the version is empty`, 'Write a version there.')
  // A tag has at most 128 characters: what is longer is no version of anything.
  return /^[\x21-\x7e]{1,128}$/.test(text)
    ? {ok: true, version: text, where}
    : noVersion(`${where}: ${excerpt(text)} is no version`, 'A version is one word of ASCII characters, such as 1.2.3.')
}

export function noVersion(reason: string, remedy: string): NoVersion {
  return {ok: false, reason, remedy}
}

/** A file that its parser refuses. */
export function brokenFile(file: string, language: string, error: unknown): NoVersion {
  return noVersion(`${file}: not ${language} (${firstLine(error)})`, 'Correct the file, or name another one.')
}

/** What an error says, at most a line of it. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const [line = ''] = message.split('\n', 1)
  return shown(line)
}

/** As much of a file's text as tells its author what was found there; the file may hold anything. */
export function excerpt(text: string): string {
  return shown(text, 40)
}

/** At most a line's worth, with nothing that could move a cursor. */
export function shown(text: string, longest = 120): string {
  const safe = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
  return safe.length <= longest ? safe : `${safe.slice(0, longest - 1)}…`
}
