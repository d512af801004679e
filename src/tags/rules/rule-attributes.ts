import type {Attribute} from '../../inputs/syntax/attributes.ts'
import {suggestion} from '../../inputs/syntax/nearest.ts'
import type {Problems} from '../../inputs/problem.ts'
import type {RuleSource} from './rule.ts'
import {aliases, commentIn} from './rule-slips.ts'

/** The attributes of one line of `tags`, and the place where its problems are reported. */
export class RuleAttributes {
  readonly source: RuleSource
  readonly all: readonly Attribute[]
  readonly #problems: Problems

  constructor(source: RuleSource, all: readonly Attribute[], problems: Problems) {
    this.source = source
    this.all = all
    this.#problems = problems
  }

  /** A bare word stands for `value`: `type=raw,stable`. */
  find(name: string): Attribute | undefined {
    return this.all.find((attribute) => nameOf(attribute) === name)
  }

  /** Where the value of each attribute begins. */
  get columns(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.all.map((attribute) => [nameOf(attribute), attribute.valueColumn]))
  }

  /** Which of two was meant, nobody can tell. Bare words count as values where `words` says so. */
  hasNoneTwice({words}: {readonly words: boolean}): boolean {
    const known = new Map<string, Attribute>()
    let once = true
    for (const attribute of this.all) {
      if (attribute.name === undefined && !words) continue
      const first = known.get(nameOf(attribute))
      if (first === undefined) known.set(nameOf(attribute), attribute)
      else {
        this.#rejectSecond(first, attribute)
        once = false
      }
    }
    return once
  }

  /** Only where a rule has a value can a bare word be one. What else it may be: the rest of an attribute with a comma. */
  hasNoBareWord(): boolean {
    const words = this.all.filter(({name}) => name === undefined)
    for (const word of words) {
      const message = `"${word.value}" has no name`
      this.reject(word.nameColumn, message, `Write name=value.${this.#quoteRemedy(word)}`)
    }
    return words.length === 0
  }

  #rejectSecond(first: Attribute, second: Attribute): void {
    const columns = `(column ${first.nameColumn} and ${second.nameColumn})`
    const bare = second.name === undefined ? second : first.name === undefined ? first : undefined
    if (bare === undefined) {
      this.reject(second.nameColumn, `${nameOf(second)} is given twice ${columns}`, 'Keep one of them.')
    } else {
      const message = `"${bare.value}" has no name, and so is a second value ${columns}`
      this.reject(bare.nameColumn, message, `Two tags are two lines.${this.#quoteRemedy(second)}`)
    }
  }

  /** Behind a type, a comma was no part of anything. */
  #quoteRemedy(word: Attribute): string {
    const before = this.all[this.all.indexOf(word) - 1]
    if (before?.name?.toLowerCase() === 'type') return ''
    const text = before?.name === undefined ? before?.value : `${before.name}=${before.value}`
    const joined = text === undefined ? 'value=a,b' : `${text},${word.value}`
    return ` An attribute that holds a comma is written in quotes: "${joined.replaceAll('"', '""')}".`
  }

  /** Looks at every name, so that all mistakes are told at once. */
  knowsNames(known: readonly string[]): boolean {
    const unknown = this.all.filter(({name}) => name !== undefined && !known.includes(name.toLowerCase()))
    for (const {name = '', nameColumn} of unknown) {
      this.reject(nameColumn, `unknown attribute "${name}"`, suggestion(name, known))
    }
    return unknown.length === 0
  }

  /** Refuses expressions in these attributes, where they would be taken for plain text. */
  areLiteral(names: readonly string[]): boolean {
    const wrong = this.all.filter(
      (attribute) => names.includes(nameOf(attribute)) && literalPart(attribute).includes('{{'),
    )
    for (const attribute of wrong) {
      const column = attribute.valueColumn + attribute.value.indexOf('{{')
      const expressions = 'Expressions may stand in value, prefix, suffix and enable; here, write the text itself.'
      this.reject(column, `${nameOf(attribute)} takes no expression`, expressions)
    }
    return wrong.length === 0
  }

  required(name: string, remedy: string): Attribute | undefined {
    const attribute = this.find(name)
    if (attribute === undefined) this.reject(this.source.text.length + 1, `the rule needs ${name}=…`, remedy)
    return attribute
  }

  oneOf<const T extends string>(name: string, possible: readonly T[]): T | undefined {
    const attribute = this.required(name, `Use one of: ${possible.map((value) => `${name}=${value}`).join(', ')}.`)
    if (attribute === undefined) return undefined
    const {value} = attribute
    const known = possible.find((one) => one === value)
    if (known === undefined) this.#rejectWord(attribute, `unknown ${name} "${value}"`, possible)
    return known
  }

  #rejectWord({value, valueColumn}: Attribute, message: string, possible: readonly string[]): void {
    const comment = commentIn(value)
    const alias = possible.find((one) => one === aliases[value])
    const remedy = comment?.remedy ?? (alias === undefined ? suggestion(value, possible) : `Did you mean "${alias}"?`)
    this.reject(valueColumn + (comment?.offset ?? 0), message, remedy)
  }

  /** What a parser made of an attribute's value; its problem is reported at the place in the value that it names. */
  parsed<T extends {readonly ok: true}>(
    attribute: Attribute,
    result: T | {readonly ok: false; readonly column: number; readonly reason: string; readonly remedy: string},
  ): T | undefined {
    if (result.ok) return result
    this.reject(attribute.valueColumn + result.column - 1, result.reason, result.remedy)
    return undefined
  }

  /** Something that works, but perhaps not as meant. */
  notice(column: number, message: string): void {
    this.#problems.notice({input: 'tags', line: this.source.line, column, message})
  }

  /** Gives no rule, for the caller to return. */
  reject(column: number, message: string, remedy: string): readonly [] {
    this.#problems.add({input: 'tags', line: this.source.line, column, message, remedy})
    return []
  }
}

/** Behind the `#` of a path stands a regular expression. */
function literalPart(attribute: Attribute): string {
  return nameOf(attribute) === 'path' ? (attribute.value.split('#', 1)[0] ?? '') : attribute.value
}

function nameOf({name}: Attribute): string {
  return name?.toLowerCase() ?? 'value'
}
