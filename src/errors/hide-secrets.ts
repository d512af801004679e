import {TagboatError} from './error.ts'
import {isTooShortToMask, type Hide} from './known-secrets.ts'

/** Returns a function that replaces each line of the secrets with `***`, if it is long enough for the runner to mask. */
export function hider(texts: readonly string[]): Hide {
  const lines = texts.flatMap((text) => text.split(/\r?\n/)).filter((line) => !isTooShortToMask(line.trim()))
  const longestFirst = lines.toSorted((a, b) => b.length - a.length)
  return (text) => longestFirst.reduce((shown, line) => shown.replaceAll(line, '***'), text)
}

/** Hides secrets in the result of a `call`. JSON stays valid: secrets, which may contain braces, are hidden in its texts only. */
export function hideInResult(printed: string, hide: Hide): string {
  const value = jsonOf(printed)
  if (value === undefined) return hide(printed)
  const shown = hideInJson(value, hide)
  return JSON.stringify(shown) === JSON.stringify(value) ? printed : `${JSON.stringify(shown, null, 2)}\n`
}

/** Hides secrets in an error that quotes output. A sentence of `causes` is not changed. */
export function hideInError(error: TagboatError, hide: Hide): TagboatError {
  const {code, message, isCause, evidence, remedy, place} = error
  return new TagboatError(code, {
    message: isCause ? message : hide(message),
    isCause,
    evidence: evidence.map(hide),
    remedy: remedy === undefined ? undefined : hide(remedy),
    ...(place && {place}),
  })
}

/** Parses JSON. Returns undefined for anything but an object or a list. */
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
