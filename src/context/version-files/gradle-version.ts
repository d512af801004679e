import {foundVersion, noVersion, type VersionResult} from './version-result.ts'

/**
 * `version` of gradle.properties, in the format of Java's property files
 * (https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)): `=`, `:`
 * or a blank after the key, `#` and `!` for comments, a backslash at the end of a line that goes on. The last one counts.
 */
export function gradleVersion(file: string, text: string): VersionResult {
  const version = properties(text).get('version')
  return version === undefined
    ? noVersion(
        `${file}: it has no line version=…`,
        `Add one, or name another property with an expression, such as ${file}#^versionName=(.*)`,
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

/** Lines without comments and blank ones; those that go on are joined, without the blanks in front of the next. */
function logicalLines(text: string): readonly string[] {
  const lines: string[] = []
  let begun: string | undefined
  for (const natural of text.split(/\r\n|\n|\r/)) {
    const line = natural.trimStart()
    if (begun === undefined && (line === '' || /^[#!]/.test(line))) continue
    const goesOn = /(?:^|[^\\])(?:\\\\)*\\$/.test(line)
    const whole: string = (begun ?? '') + (goesOn ? line.slice(0, -1) : line)
    begun = goesOn ? whole : undefined
    if (!goesOn) lines.push(whole)
  }
  return begun === undefined ? lines : [...lines, begun]
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
