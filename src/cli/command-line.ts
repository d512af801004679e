import {parseArgs, type ParseArgsOptionsConfig} from 'node:util'
import {nearest} from '../inputs/syntax/nearest.ts'

/** Values of a command line. */
export interface CommandLine {
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>
  readonly positionals: readonly string[]
}

/** Command line that cannot be understood. */
export class UsageError extends Error {}

/** Parses the arguments of a command. @throws UsageError */
export function parseCommandLine(args: readonly string[], options: ParseArgsOptionsConfig): CommandLine {
  const {tokens} = parseArgs({args: [...args], options, strict: false, allowPositionals: true, tokens: true})
  const names = Object.keys(options)
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = options[token.name]
    if (option === undefined) throw new UsageError(unknownOption(token.rawName, token.name, names))
    const isText = option.type === 'string'
    // A value that begins with a hyphen is usually the next option.
    const hasValue = token.value !== undefined && (token.inlineValue || !/^-./.test(token.value))
    if (isText && !hasValue) throw new UsageError(`--${token.name} needs a value`)
    if (!isText && token.value !== undefined) throw new UsageError(`--${token.name} has no value`)
  }
  const {values, positionals} = parseArgs({args: [...args], options, strict: true, allowPositionals: true})
  return {values, positionals}
}

function unknownOption(written: string, name: string, names: readonly string[]): string {
  const similar = nearest(name, names)
  return `unknown option ${written}${similar === undefined ? '' : `. Did you mean --${similar}?`}`
}

/** Text of an option. */
export function textOf({values}: CommandLine, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

/** Texts of an option that can be repeated. */
export function textsOf({values}: CommandLine, name: string): readonly string[] {
  const value = values[name]
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

/** Pairs of an option such as `--var NAME=VALUE`. A name with `=` is in double quotes. @throws UsageError */
export function pairsOf(line: CommandLine, name: string): readonly (readonly [name: string, value: string])[] {
  return textsOf(line, name).map((text) => {
    const [, quoted, plain = '', value] = /^(?:"((?:[^"\\]|\\.)+)"|([^"=][^=]*))=(.*)$/s.exec(text) ?? []
    if (value === undefined) throw new UsageError(`--${name} needs NAME=VALUE, not ${text}`)
    return [quoted?.replaceAll(/\\(.)/g, '$1') ?? plain, value]
  })
}

/** Name of a pair as an option has it. */
export function pairName(name: string): string {
  return name.includes('=') ? `"${name.replaceAll(/["\\]/g, '\\$&')}"` : name
}
