import {TagboatError} from './error.ts'
import {isTooShortToMask, type Hide} from './known-secrets.ts'

/** Puts `***` for each line of these texts that is long enough to be masked, as the runner does. */
export function hider(texts: readonly string[]): Hide {
  const lines = texts.flatMap((text) => text.split(/\r?\n/)).filter((line) => !isTooShortToMask(line.trim()))
  const longestFirst = lines.toSorted((a, b) => b.length - a.length)
  return (text) => longestFirst.reduce((shown, line) => shown.replaceAll(line, '***'), text)
}

/** The same in what a `call` printed. JSON stays JSON: a line of a secret may be a brace, and is hidden in its texts alone. */
export function hideInResult(printed: string, hide: Hide): string {
  const value = jsonOf(printed)
  if (value === undefined) return hide(printed)
  const shown = hideInJson(value, hide)
  return JSON.stringify(shown) === JSON.stringify(value) ? printed : `${JSON.stringify(shown, null, 2)}\n`
}

/** The same in an error that was made of what was really printed. The catalogue's own sentences stay as they are. */
export function hideInError({code, message, evidence, remedy, place}: TagboatError, hide: Hide): TagboatError {
  const own = new TagboatError(code)
  return new TagboatError(code, {
    message: message === own.message ? message : hide(message),
    evidence: evidence.map(hide),
    remedy: remedy === own.remedy ? remedy : hide(remedy),
    ...(place && {place}),
  })
}

/** Undefined: it is no object or list. */
function jsonOf(text: string): object | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function hideInJson(value: unknown, hide: Hide): unknown {
  if (typeof value === 'string') return hide(value)
  if (Array.isArray(value)) return value.map((one: unknown) => hideInJson(one, hide))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, hideInJson(one, hide)]))
}
