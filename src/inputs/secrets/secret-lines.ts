import type {InputReader} from '../input-reader.ts'
import {splitKeyValue, type KeyValue} from '../syntax/key-value.ts'

/** Remedy for a line of `secrets` that is probably a part of the value above it. */
const severalLines =
  'Quote a value of several lines together with its id ("id=value"), or set it in `env` of this step and name the variable in `secret-envs`.'

/**
 * Reads the lines of `secrets`. A value ends at the end of its line unless it is quoted, so a line that cannot be a secret
 * is a part of the value above it, which would be cut. No message quotes the text.
 */
export function readSecretLines(reader: InputReader): readonly KeyValue[] {
  const items = reader.list('secrets')
  const lines = reader.untrimmed('secrets').split('\n')
  return items.flatMap(({text, number: line, column}, index): KeyValue[] => {
    const pair = splitKeyValue(text)
    if (!pair.ok) {
      reader.problem('secrets', {line, column: column + pair.offset}, pair.reason, severalLines)
      return []
    }
    const {key, value} = pair
    const isLast = index === items.length - 1
    const isQuoted = lines[line - 1]?.charAt(column - 2) === '"'
    const reason = partReason(key, value, {isFirst: index === 0})
    if (reason !== undefined) {
      reader.problem('secrets', {line}, reason, severalLines)
      return []
    }
    if (!isQuoted && !isLast && beginsFile(value)) reader.warning('secrets', {line}, cutValue)
    return [{key, value, line}]
  })
}

const cutValue =
  'the value looks like the first line of a file, and ends at the end of this line. If the next lines belong to it, quote the value together with its id ("id=value"); quotes also remove this warning'

/** Reason why a line is not a secret, but probably a part of a value of several lines. Undefined for a secret. */
function partReason(id: string, value: string, {isFirst}: {readonly isFirst: boolean}): string | undefined {
  if (!isSecretId(id)) return 'an id has only letters, digits, dots, dashes and underscores'
  if (value === '=' || (value === '' && !isFirst && isEndOfBase64(id))) return 'this is the last line of a Base64 text'
  if (value === '{' || value === '[') return 'the value is only the first line of a JSON text'
  if (/^\[[\w .-]+\]$/.test(value)) return 'the value is only the first line of an INI text'
  return /^-----BEGIN [A-Z0-9 ]+-----$/.test(value) ? 'the value is only the first line of a PEM text' : undefined
}

/** Reports whether a text is an id of a build secret. Those of BuildKit for a Git server contain its host and port. */
function isSecretId(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(text) || /^GIT_AUTH_(?:TOKEN|HEADER)\.[A-Za-z0-9.:[\]-]+$/.test(text)
}

/** Reports whether a text before a final `=` is Base64 rather than the name of a secret that is empty. */
function isEndOfBase64(text: string): boolean {
  return /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9]{15,}$/.test(text) && (text.length + 1) % 4 === 0
}

/**
 * Reports whether a value is a setting or a comment, as on the first line of `.env` or `.npmrc`. A connection string has
 * semicolons.
 */
function beginsFile(value: string): boolean {
  return (
    /^(?:#|(?:(?:export )?[A-Za-z_][\w.-]*|\/\/[^\s=]+|@[\w.-]+:registry)=[^=\s])/.test(value) && !/[;\n]/.test(value)
  )
}
