import {field} from '../oci/manifest.ts'

/** Longest text that is taken from a report. */
const maxLength = 2048

/** Text in a field of parsed JSON, in one line and without control characters; empty if there is none. */
export function textField(value: unknown, name: string): string {
  return plainText(field(value, name))
}

/** Text in one line, without control characters; empty for anything else. */
export function plainText(value: unknown): string {
  if (typeof value !== 'string') return ''
  return value
    .slice(0, maxLength)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
}

/** List in a field of parsed JSON; empty if there is none. */
export function listField(value: unknown, name: string): readonly unknown[] {
  const list = field(value, name)
  return Array.isArray(list) ? list : []
}

/** Texts of a list in a field of parsed JSON, without empty ones. */
export function textsField(value: unknown, name: string): readonly string[] {
  return listField(value, name)
    .map(plainText)
    .filter((text) => text !== '')
}

/** Entries that were read, and the reason for which some could not be read. */
interface ReadEntries<T> {
  readonly read: readonly T[]
  readonly incomplete: string | undefined
}

/** Reads the entries of a list. `parse` returns undefined for an entry that it cannot read. */
export function readEntries<T extends object>(
  entries: readonly unknown[],
  parse: (entry: unknown) => T | undefined,
): ReadEntries<T> {
  const read = entries.flatMap((entry) => parse(entry) ?? [])
  const missing = entries.length - read.length
  return {read, incomplete: missing === 0 ? undefined : `${missing} of ${entries.length} results cannot be read`}
}

/** Web address in a field of parsed JSON; undefined if there is none. */
export function urlField(value: unknown, name: string): string | undefined {
  const text = textField(value, name)
  return /^https?:\/\/[^\s"'<>\\`]+$/.test(text) ? text : undefined
}

/** Object with a `url` if it is defined. */
export function withUrl(url: string | undefined): {readonly url?: string} {
  return url === undefined ? {} : {url}
}
