import {indentOf, isBlank} from './lines.ts'

/** Entry of a map as it is written. */
export interface EntryText {
  readonly name: string
  /** Comment and blank lines before it. */
  readonly lead: readonly string[]
  /** Rest of the line behind the key: the colon, the value and a comment. */
  readonly after: string
  /** Lines after the first one. */
  readonly rest: readonly string[]
  /** Column of the key, from 0. */
  readonly column: number
  /** Whether the entry is not from the file. Its further lines are indented like those of the file. */
  readonly isNew?: boolean
}

/** Entry with a new value. */
export function newEntry(name: string, value: string | readonly string[], comment = ''): EntryText {
  if (typeof value === 'string')
    return {name, lead: [], after: `: ${value}${comment}`, rest: [], column: 0, isNew: true}
  const [only] = value
  if (value.length === 1 && only !== undefined) return newEntry(name, quoted(only), comment)
  return {
    name,
    lead: [],
    after: `: |${comment}`,
    rest: value.map((line) => (line === '' ? '' : `  ${line}`)),
    column: 0,
    isNew: true,
  }
}

/** Lines of an entry at another column. `unit` is the indentation of a new one. */
export function entryLines(entry: EntryText, column: number, unit = 2): readonly string[] {
  const shift = column - entry.column + (entry.isNew === true ? unit - 2 : 0)
  return [
    ...entry.lead.map((line) => (isBlank(line) ? '' : `${' '.repeat(column)}${line.trimStart()}`)),
    `${' '.repeat(column)}${entry.name}${entry.after}`,
    ...entry.rest.map((line) => shifted(line, shift)),
  ]
}

function shifted(line: string, by: number): string {
  if (isBlank(line)) return line
  return by >= 0 ? `${' '.repeat(by)}${line}` : line.slice(Math.min(-by, indentOf(line)))
}

/** Scalar on one line: without quotes where YAML reads it as this text. */
export function quoted(text: string): string {
  if (/[\n\r]/.test(text)) return JSON.stringify(text)
  return isPlain(text) ? text : `'${text.replaceAll("'", "''")}'`
}

function isPlain(text: string): boolean {
  const reserved = /^(?:~|null|true|false|yes|no|on|off|[-+.]?[0-9][0-9._eExo+-]*)$/i
  const start = /^[\s\-?:,[\]{}#&*!|>'"%@`]/
  if (text === '' || text !== text.trim() || reserved.test(text)) return false
  if (text.startsWith('${{')) return !/: | #|:$/.test(text)
  return !start.test(text) && !/: | #|:$/.test(text)
}
