/** `key=value` item of a list input. */
export interface KeyValue {
  readonly key: string
  readonly value: string
  readonly line: number
}

type KeyValueResult =
  | {readonly ok: true; readonly key: string; readonly value: string}
  | {
      readonly ok: false
      /** 0-based offset in the item. */
      readonly offset: number
      readonly reason: string
    }

/** Splits `key=value` at the first `=`. The value may be empty. Reasons never quote the text, which may be a secret. */
export function splitKeyValue(text: string): KeyValueResult {
  const equals = text.indexOf('=')
  if (equals === -1) return {ok: false, offset: 0, reason: 'the = is missing'}
  const key = text.slice(0, equals)
  if (key.trim() === '') return {ok: false, offset: 0, reason: 'the key before the = is missing'}
  // Docker would treat the whitespace as part of the key.
  if (key !== key.trimEnd())
    return {ok: false, offset: key.trimEnd().length, reason: 'there is whitespace before the ='}
  return {ok: true, key, value: text.slice(equals + 1)}
}
