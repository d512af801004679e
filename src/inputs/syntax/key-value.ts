/** `KEY=value` of a list input. */
export interface KeyValue {
  readonly key: string
  readonly value: string
  readonly line: number
}

export type KeyValueResult =
  | {readonly ok: true; readonly key: string; readonly value: string}
  | {
      readonly ok: false
      /** 0-based, from the first character of the item. */
      readonly offset: number
      readonly reason: string
    }

/** `key=value`, split at the first `=`; the value may be empty. Reasons never quote the text: it may be a secret. */
export function splitKeyValue(text: string): KeyValueResult {
  const equals = text.indexOf('=')
  if (equals === -1) return {ok: false, offset: 0, reason: 'there is no = in it'}
  const key = text.slice(0, equals)
  if (key.trim() === '') return {ok: false, offset: 0, reason: 'there is no key before the ='}
  // Docker's tools would take the blank as a part of the key, and nothing would ever find it.
  if (key !== key.trimEnd())
    return {ok: false, offset: key.trimEnd().length, reason: 'a blank stands between the key and the ='}
  return {ok: true, key, value: text.slice(equals + 1)}
}

/** Buildx reads each as comma-separated `key=value`; quotes may stand around it. */
export function isDriverOption(text: string): boolean {
  return /^"?[^=,"\s]+=/.test(text)
}

export const notAnOption = 'this is no option of the form key=value'
export const optionRemedy = 'Write key=value, such as network=host.'
