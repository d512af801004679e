import type {RawInputs} from '../io/environment.ts'
import {splitKeyValue, type KeyValue} from './syntax/key-value.ts'
import {parseList, type ListItem} from './syntax/lists.ts'
import {suggestion} from './syntax/nearest.ts'
import type {Problems} from './problem.ts'
import {inputSpecs, defaultText, type InputName, type InputOfForm} from './spec/spec.ts'
import {listForms, type ListForm} from './spec/spec-row.ts'
import {isHost, normaliseHost} from '../oci/reference.ts'

/** Where in an input something stands; 1-based. */
export interface Place {
  readonly line?: number
  readonly column?: number
}

/** Reads inputs by the table: text in, values out. What cannot be read is reported, and the default stands in for it. */
export class InputReader {
  readonly #raw: RawInputs
  readonly #problems: Problems

  constructor(raw: RawInputs, problems: Problems) {
    this.#raw = raw
    this.#problems = problems
  }

  /** Trimmed; an empty input is its default. */
  text(name: InputName): string {
    return this.untrimmed(name).trim()
  }

  /** As it was given, so that lines and columns are those of the workflow. */
  untrimmed(name: InputName): string {
    const given = this.#raw.get(name) ?? ''
    return given.trim() === '' ? defaultText(name) : given
  }

  /** To the letter, blanks and all; empty when nothing was written. */
  verbatim(name: InputOfForm<'verbatim'>): string {
    return this.#raw.get(name) ?? ''
  }

  /** As `text`, but undefined instead of empty. */
  optionalText(name: InputOfForm<'text'>): string | undefined {
    const text = this.text(name)
    return text === '' ? undefined : text
  }

  /** The same for a text that stands alone in a command line, where one that begins with `-` would be an option. */
  positional(name: InputOfForm<'text'>): string | undefined {
    const text = this.optionalText(name)
    if (text !== undefined && isOption(text)) this.problem(name, {}, optionReason, optionRemedy)
    return text
  }

  boolean(name: InputOfForm<'boolean'>): boolean {
    const value = parseBoolean(this.text(name))
    if (value === undefined)
      this.problem(name, {}, `"${this.text(name)}" is neither true nor false`, 'Write true or false.')
    return value ?? parseBoolean(defaultText(name)) ?? false
  }

  /** One of the words that the table lists for this input, in any case; the first of them stands in for another one. */
  choice<const T extends string>(name: InputOfForm<'choice'>, choices: readonly [T, ...T[]]): T {
    const text = this.text(name)
    const match = choices.find((choice) => choice === text.toLowerCase())
    if (match === undefined) this.problem(name, {}, `"${text}" is not known here`, suggestion(text, choices))
    return match ?? choices[0]
  }

  integer(name: InputOfForm<'integer'>, least: number, most: number): number {
    const text = this.text(name)
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    const remedy = `Write a whole number from ${least} to ${most}.`
    this.problem(name, {}, `"${text}" is no whole number from ${least} to ${most}`, remedy)
    return Number(defaultText(name))
  }

  /** Items with their places in the text as it was given. */
  list(name: InputOfForm<ListForm>): readonly ListItem[] {
    const {items, problems} = parseList(this.untrimmed(name), listForms[inputSpecs[name].form])
    for (const {line, column, reason} of problems) this.problem(name, {line, column}, reason, quoteRemedy)
    return items
  }

  texts(name: InputOfForm<ListForm>): readonly string[] {
    return this.list(name).map(({text}) => text)
  }

  pairs(name: InputOfForm<'pairs' | 'pair-items'>): readonly KeyValue[] {
    return this.list(name).flatMap(({text, number, column}): KeyValue[] => {
      const pair = splitKeyValue(text)
      if (pair.ok) return [{key: pair.key, value: pair.value, line: number}]
      const place = {line: number, column: column + pair.offset}
      this.problem(name, place, pair.reason, 'Write key=value, one a line.')
      return []
    })
  }

  problem(input: InputName, {line, column}: Place, message: string, remedy: string): void {
    this.#problems.add({input, ...definedPlace(line, column), message, remedy})
  }

  notice(input: InputName, {line, column}: Place, message: string): void {
    this.#problems.notice({input, ...definedPlace(line, column), message})
  }

  warning(input: InputName, {line, column}: Place, message: string): void {
    this.#problems.warn({input, ...definedPlace(line, column), message})
  }
}

const quoteRemedy =
  'An item that begins with a double quote ends at the next one, and a line break must follow; a quote inside it is doubled ("").'

/** For texts that stand alone in a command line. */
export function isOption(text: string): boolean {
  return text.startsWith('-')
}

export const optionReason = 'it begins with "-", as an option of Docker does'
export const optionRemedy = 'Write the name or address itself.'

/** The spellings of YAML 1.2's core schema, which `@actions/core` takes too: https://yaml.org/spec/1.2.2/#1032-tag-resolution */
export function parseBoolean(text: string): boolean | undefined {
  if (['true', 'True', 'TRUE'].includes(text)) return true
  return ['false', 'False', 'FALSE'].includes(text) ? false : undefined
}

/** A property that is undefined and one that is absent are different things to the compiler. */
function definedPlace(line: number | undefined, column: number | undefined): Place {
  return {...(line === undefined ? {} : {line}), ...(column === undefined ? {} : {column})}
}

/** A registry as users write it, normalised; reported and undefined when it is no host. Empty is Docker Hub. */
export function readHost(
  reader: InputReader,
  input: 'registry' | 'registry-auth',
  text: string,
  place: Place,
): string | undefined {
  const host = normaliseHost(text)
  if (isHost(host)) return host
  // The text is not quoted: people paste addresses that hold a password.
  const remedy = 'Write the host alone, such as ghcr.io or registry.example:5000.'
  reader.problem(input, place, 'this is not a registry host', remedy)
  return undefined
}
