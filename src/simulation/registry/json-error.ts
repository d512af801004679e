/** Kind of token that a place in JSON expects, besides a comma or the end of the list after a value. */
type Expected = 'value' | 'first-value' | 'key' | 'first-key' | 'colon' | 'rest'

const token = /([[\]{}:,])|"(?:[^"\\\r\n]|\\.)*"|[^\t\n\r [\]{}:,"]+/y
const space = /[\t\n\r ]*/y

/**
 * Line, from 1, of the first token that no JSON has there: the last line if the text ends too early. The errors of
 * `JSON.parse` name no line in some cases, and differ between browsers.
 */
export function lineOfError(json: string): number {
  return json.trimEnd().slice(0, offsetOfError(json.trimEnd())).split('\n').length
}

function offsetOfError(json: string): number {
  const open: string[] = []
  let expected: Expected = 'value'
  for (let at = 0; ;) {
    at += matchAt(space, json, at)?.[0].length ?? 0
    const found = matchAt(token, json, at)
    if (found === undefined) return at
    const [text, mark] = found
    const next: Expected | undefined =
      mark === undefined ? afterScalar(text, expected) : afterMark(mark, expected, open)
    if (next === undefined) return at
    expected = next
    at += text.length
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}

function afterScalar(text: string, expected: Expected): Expected | undefined {
  const isKey = expected === 'key' || expected === 'first-key'
  if (!isScalar(text) || (isKey && !text.startsWith('"'))) return undefined
  if (isKey) return 'colon'
  return expected === 'colon' || expected === 'rest' ? undefined : 'rest'
}

function isScalar(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Token to expect after a mark, which opens or closes a list or an object. Undefined if the mark is not valid there. */
function afterMark(mark: string, expected: Expected, open: string[]): Expected | undefined {
  if (mark === ':') return expected === 'colon' ? 'value' : undefined
  if (mark !== '[' && mark !== '{') return afterPart(mark, expected, open)
  if (expected !== 'value' && expected !== 'first-value') return undefined
  open.push(mark)
  return mark === '[' ? 'first-value' : 'first-key'
}

/** Token to expect after a comma or a closing bracket. */
function afterPart(mark: string, expected: Expected, open: string[]): Expected | undefined {
  const part = open.at(-1)
  if (part === undefined) return undefined
  const {comma, close, first} = part === '[' ? list : object
  if (mark === ',') return expected === 'rest' ? comma : undefined
  if (mark !== close || (expected !== 'rest' && expected !== first)) return undefined
  open.pop()
  return 'rest'
}

const list = {comma: 'value', close: ']', first: 'first-value'} as const
const object = {comma: 'key', close: '}', first: 'first-key'} as const
