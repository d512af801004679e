import {foundVersion, noVersion, type VersionResult} from './version-result.ts'

/**
 * Reads `version` of gradle.properties, in the format of Java's property files
 * (https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)): `=`,
 * `:` or a blank after the key, `#` and `!` for comments, a backslash at the end of a line that continues. The last one
 * counts.
 */
export function gradleVersion(file: string, text: string): VersionResult {
  const version = properties(text).get('version')
  return version === undefined
    ? noVersion(
        'version-missing',
        `${file}: no line version=…`,
        `Add one, or select another property by an expression such as ${file}#^versionName=(.*)`,
      )
    : foundVersion(version, file, 'version')
}

function properties(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const line of logicalLines(text)) {
    const [, key = '', value = ''] = /^((?:\\.|[^\\=:\s])*)[^\S\n]*[=:]?[^\S\n]*(.*)$/s.exec(line) ?? []
    found.set(unescaped(key), unescaped(value))
  }
  return found
}

/** Lines without comments and empty lines. Continued lines are joined, without the indentation of the next. */
function logicalLines(text: string): readonly string[] {
  const lines: string[] = []
  let pending: string | undefined
  for (const natural of text.split(/\r\n|\n|\r/)) {
    const line = natural.trimStart()
    if (pending === undefined && (line === '' || /^[#!]/.test(line))) continue
    const continues = /(?:^|[^\\])(?:\\\\)*\\$/.test(line)
    const whole: string = (pending ?? '') + (continues ? line.slice(0, -1) : line)
    pending = continues ? whole : undefined
    if (!continues) lines.push(whole)
  }
  return pending === undefined ? lines : [...lines, pending]
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['r', '\r'],
  ['f', '\f'],
])

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9A-Fa-f]{4})|(.))/gs, (_, hex: string | undefined, char: string | undefined) =>
    hex === undefined ? (escapes.get(char ?? '') ?? char ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
