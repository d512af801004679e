import type {WrittenKey} from './demand.ts'

interface ParsedKeys {
  readonly keys: readonly WrittenKey[]
  readonly problems: readonly {readonly line: number; readonly message: string}[]
}

const begin = /^-----BEGIN ([A-Z ]+)-----$/

/**
 * Parses `verify-key`: PEM texts and paths of files, one per line, each optionally after `NAME=`, which may be a line of
 * its own. Empty lines, and lines that begin with `#`, are skipped. Never throws.
 */
export function parseKeys(text: string): ParsedKeys {
  const keys: WrittenKey[] = []
  const problems: {line: number; message: string}[] = []
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  let pending: {readonly name: string; readonly line: number} | undefined
  const endPending = (): void => {
    if (pending !== undefined) problems.push({line: pending.line, message: `no key follows "${pending.name}="`})
    pending = undefined
  }
  for (let index = 0; index < lines.length; index += 1) {
    const written = lines[index] ?? ''
    if (written === '' || written.startsWith('#')) continue
    const line = index + 1
    const own = begin.test(written) ? {name: pending?.name, rest: written} : named(written)
    if (begin.test(written)) pending = undefined
    else endPending()
    const {name, rest} = own
    const [, label] = begin.exec(rest) ?? []
    if (label !== undefined) {
      const end = lines.indexOf(`-----END ${label}-----`, index)
      const pem = [rest, ...lines.slice(index + 1, end + 1), ''].join('\n')
      if (end === -1) problems.push({line, message: `the line "-----END ${label}-----" is missing`})
      else if (label.includes('PRIVATE'))
        problems.push({line, message: 'this is a private key; the public key suffices'})
      else keys.push({name, line, source: {kind: 'pem', pem}})
      index = end === -1 ? lines.length : end
    } else if (rest === '' && name !== undefined) {
      pending = {name, line}
    } else {
      keys.push({name, line, source: {kind: 'file', path: rest}})
    }
  }
  endPending()
  return {keys, problems}
}

/** Name before the first `=`, and the text after it. A path may contain `=` after a character that no name has. */
function named(text: string): {readonly name: string | undefined; readonly rest: string} {
  const match = /^([A-Za-z0-9][\w.-]*)=(.*)$/.exec(text)
  const [, name, rest = ''] = match ?? []
  return match === null ? {name: undefined, rest: text} : {name, rest: rest.trim()}
}
