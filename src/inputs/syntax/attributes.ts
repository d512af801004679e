/** `name=value` of an attribute list, or a bare word. Columns are 1-based. */
export interface Attribute {
  /** Name as written, or undefined for a bare word. */
  readonly name: string | undefined
  readonly value: string
  /** Column of the name or of the bare word. */
  readonly nameColumn: number
  readonly valueColumn: number
}

type AttributeList =
  | {readonly ok: true; readonly attributes: readonly Attribute[]}
  | {readonly ok: false; readonly column: number; readonly reason: string}

/**
 * Parses attributes separated by commas, such as `type=raw,value=a=b,"prefix=x,y"`. A value begins after the first `=` and
 * may contain others. Whitespace around names and values is ignored. An attribute in double quotes may contain commas, and
 * `""` for a quote. Empty attributes are skipped. Never throws.
 */
export function parseAttributes(text: string): AttributeList {
  const attributes: Attribute[] = []
  for (let start = 0; start <= text.length;) {
    const field = readField(text, skipBlanks(text, start))
    if (!field.ok) return field
    if (field.quoted || field.text !== '') attributes.push(toAttribute(field))
    start = field.end + 1
  }
  return {ok: true, attributes}
}

interface Field {
  readonly ok: true
  readonly text: string
  /** 0-based offset of the first character, after an opening quote. */
  readonly start: number
  /** 0-based offset of the comma after the field, or of the end of the text. */
  readonly end: number
  readonly quoted: boolean
}

type FieldResult = Field | Extract<AttributeList, {ok: false}>

function readField(text: string, start: number): FieldResult {
  if (text[start] === '"') return readQuoted(text, start)
  const comma = text.indexOf(',', start)
  const end = comma === -1 ? text.length : comma
  return {ok: true, text: text.slice(start, end).trimEnd(), start, end, quoted: false}
}

function readQuoted(text: string, open: number): FieldResult {
  const quoted = unquote(text, open)
  if (quoted === undefined) return {ok: false, column: open + 1, reason: 'the closing quote is missing'}
  const end = skipBlanks(text, quoted.end)
  if (end < text.length && text[end] !== ',')
    return {ok: false, column: end + 1, reason: 'the closing quote must be followed by a comma'}
  return {ok: true, text: quoted.text, start: open + 1, end, quoted: true}
}

/**
 * Parses the text in the double quotes that open at offset `open`, in which `""` is a quote. `end` is the offset after the
 * closing quote. Returns undefined if it is missing.
 */
export function unquote(text: string, open: number): {readonly text: string; readonly end: number} | undefined {
  let content = ''
  for (let at = open + 1; ;) {
    const quote = text.indexOf('"', at)
    if (quote === -1) return undefined
    content += text.slice(at, quote)
    if (text[quote + 1] !== '"') return {text: content, end: quote + 1}
    content += '"'
    at = quote + 2
  }
}

function toAttribute({text, start, quoted}: Field): Attribute {
  const equals = text.indexOf('=')
  const name = text.slice(0, Math.max(equals, 0))
  // The `=` of `{{date 'YYYY' tz='UTC'}}` is part of the expression: names do not contain braces.
  if (equals === -1 || name.includes('{{'))
    return {name: undefined, value: text, nameColumn: start + 1, valueColumn: start + 1}
  const valueStart = quoted ? equals + 1 : skipBlanks(text, equals + 1)
  return {
    name: name.trim(),
    value: text.slice(valueStart),
    nameColumn: start + skipBlanks(name, 0) + 1,
    valueColumn: start + valueStart + 1,
  }
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charAt(at).trim() === '') at += 1
  return at
}
