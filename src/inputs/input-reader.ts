import type {RawInputs} from '../io/environment.ts'
import {splitKeyValue, type KeyValue} from './syntax/key-value.ts'
import {parseList, type ListItem} from './syntax/lists.ts'
import {suggestion} from './syntax/nearest.ts'
import type {Problems} from './problem.ts'
import {defaultOf, publishingSpec, type InputName, type InputOfForm, type SpecOf} from './spec/spec.ts'
import {isListForm, listForms, type ListForm} from './spec/spec-row.ts'
import {isHost, normaliseHost} from '../oci/reference.ts'

/** Position in an input, 1-based. */
export interface Place {
  readonly line?: number
  readonly column?: number
}

/** Parser of inputs by the table. An invalid value is reported as a problem, and the default is returned instead. */
export class InputReader {
  readonly #raw: RawInputs
  readonly #problems: Problems
  readonly #specOf: SpecOf

  constructor(raw: RawInputs, problems: Problems, specOf: SpecOf = publishingSpec) {
    this.#raw = raw
    this.#problems = problems
    this.#specOf = specOf
  }

  /** Trimmed value, or the default of an empty input. */
  text(name: InputName): string {
    return this.untrimmed(name).trim()
  }

  /** Reports whether the user has set an input to another text than its default. */
  isSet(name: InputName): boolean {
    return this.text(name) !== this.#default(name)
  }

  /** Value with its whitespace, so that lines and columns are those of the workflow. */
  untrimmed(name: InputName): string {
    const given = this.#raw.get(name) ?? ''
    return given.trim() === '' ? this.#default(name) : given
  }

  /** Value with its whitespace, without a default. */
  verbatim(name: InputOfForm<'verbatim'>): string {
    return this.#raw.get(name) ?? ''
  }

  /** Trimmed value, or undefined if it is empty. */
  optionalText(name: InputOfForm<'text'>): string | undefined {
    const text = this.text(name)
    return text === '' ? undefined : text
  }

  /** Trimmed value for a positional argument. A value that begins with `-` is an error. */
  positional(name: InputOfForm<'text'>): string | undefined {
    const text = this.optionalText(name)
    if (text !== undefined && isOption(text)) this.problem(name, {}, optionReason, optionRemedy)
    return text
  }

  boolean(name: InputOfForm<'boolean'>): boolean {
    const value = parseBoolean(this.text(name))
    if (value === undefined)
      this.problem(name, {}, `"${this.text(name)}" is neither true nor false`, 'Write true or false.')
    return value ?? parseBoolean(this.#default(name)) ?? false
  }

  /** One of the values that the table allows in this action, in lower case. The first one replaces an invalid value. */
  choice<const T extends string>(name: InputOfForm<'choice'>, choices: readonly [T, ...T[]]): T {
    const text = this.text(name)
    const allowed = choices.filter((choice) => this.#specOf(name).choices?.includes(choice))
    const match = allowed.find((choice) => choice === text.toLowerCase())
    if (match === undefined) this.problem(name, {}, `"${text}" is not an allowed value`, suggestion(text, allowed))
    return match ?? choices[0]
  }

  integer(name: InputOfForm<'integer'>, least: number, most: number): number {
    const text = this.text(name)
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    const remedy = `Write a whole number from ${least} to ${most}.`
    this.problem(name, {}, `"${text}" is not a whole number from ${least} to ${most}`, remedy)
    return Number(this.#default(name))
  }

  /** Items of a list with their positions. */
  list(name: InputOfForm<ListForm>): readonly ListItem[] {
    const {form} = this.#specOf(name)
    const {items, problems} = parseList(this.untrimmed(name), isListForm(form) ? listForms[form] : listForms.lines)
    for (const {line, column, reason} of problems) this.problem(name, {line, column}, reason, quoteRemedy)
    return items
  }

  texts(name: InputOfForm<ListForm>): readonly string[] {
    return this.list(name).map(({text}) => text)
  }

  /** Items `key=value`. */
  pairs(name: InputOfForm<'pairs' | 'pair-items'>): readonly KeyValue[] {
    return this.#pairsOf(name, this.list(name))
  }

  /** Items `key=value`, and whether one of the items is the word. */
  pairsAndWord(
    name: InputOfForm<'pairs'>,
    word: string,
  ): {readonly pairs: readonly KeyValue[]; readonly hasWord: boolean} {
    const items = this.list(name)
    const others = items.filter(({text}) => text !== word)
    return {pairs: this.#pairsOf(name, others), hasWord: others.length < items.length}
  }

  #pairsOf(name: InputName, items: readonly ListItem[]): readonly KeyValue[] {
    return items.flatMap(({text, number, column}): KeyValue[] => {
      const pair = splitKeyValue(text)
      if (pair.ok) return [{key: pair.key, value: pair.value, line: number}]
      const place = {line: number, column: column + pair.offset}
      this.problem(name, place, pair.reason, 'Write one key=value per line.')
      return []
    })
  }

  #default(name: InputName): string {
    return defaultOf(this.#specOf(name))
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
  'An item that begins with a double quote ends at the next one, followed by a line break. Double a quote inside it ("").'

/** Reports whether Docker would parse a positional argument as an option. */
export function isOption(text: string): boolean {
  return text.startsWith('-')
}

export const optionReason = 'it begins with "-", like an option of Docker'
export const optionRemedy = 'Write a name or an address.'

/** Parses a boolean of the YAML 1.2 core schema, like `@actions/core`: https://yaml.org/spec/1.2.2/#1032-tag-resolution */
export function parseBoolean(text: string): boolean | undefined {
  if (['true', 'True', 'TRUE'].includes(text)) return true
  return ['false', 'False', 'FALSE'].includes(text) ? false : undefined
}

/** Omits undefined properties, which `exactOptionalPropertyTypes` does not allow. */
function definedPlace(line: number | undefined, column: number | undefined): Place {
  return {...(line === undefined ? {} : {line}), ...(column === undefined ? {} : {column})}
}

/** Parses and normalizes a registry host. Returns undefined and adds a problem if it is not valid. Default: Docker Hub. */
export function readHost(
  reader: InputReader,
  input: 'registry' | 'registry-auth',
  text: string,
  place: Place,
): string | undefined {
  const host = normaliseHost(text)
  if (isHost(host)) return host
  // The text is not quoted, because it may be an address with a password.
  const remedy = 'Write only the host, such as ghcr.io or registry.example:5000.'
  reader.problem(input, place, 'this is not a registry host', remedy)
  return undefined
}
