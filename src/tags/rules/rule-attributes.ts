import type {Attribute} from '../../inputs/syntax/attributes.ts'
import {commentBehind, commentRemedy} from '../../inputs/syntax/comment.ts'
import {suggestion} from '../../inputs/syntax/nearest.ts'
import type {Problems} from '../../inputs/problem.ts'
import type {RuleSource} from './rule.ts'
import {aliases, commentIn} from './rule-slips.ts'

/** Attributes of one line of `tags`; their problems are reported with line and column. */
export class RuleAttributes {
  readonly source: RuleSource
  readonly all: readonly Attribute[]
  readonly #problems: Problems

  constructor(source: RuleSource, all: readonly Attribute[], problems: Problems) {
    this.source = source
    this.all = all
    this.#problems = problems
  }

  /** Finds an attribute by its name in lower case. A bare word is the `value`: `type=raw,stable`. */
  find(name: string): Attribute | undefined {
    return this.all.find((attribute) => nameOf(attribute) === name)
  }

  /** 1-based columns of the values, by the name of the attribute. */
  get columns(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.all.map((attribute) => [nameOf(attribute), attribute.valueColumn]))
  }

  /** Reports attributes that are set twice. True: none is. `words`: a bare word counts as a value. */
  rejectDuplicates({words}: {readonly words: boolean}): boolean {
    const byName = new Map<string, Attribute>()
    let isUnique = true
    for (const attribute of this.all) {
      if (attribute.name === undefined && !words) continue
      const first = byName.get(nameOf(attribute))
      if (first === undefined) byName.set(nameOf(attribute), attribute)
      else {
        this.#rejectSecond(first, attribute)
        isUnique = false
      }
    }
    return isUnique
  }

  /** Reports words without a name, which are often the rest of an attribute with a comma. True: none is found. */
  rejectBareWords(): boolean {
    const words = this.all.filter(({name}) => name === undefined)
    for (const word of words) {
      const message = `"${word.value}" has no name`
      this.reject(word.nameColumn, message, `Write name=value.${this.#quoteRemedy(word)}`)
    }
    return words.length === 0
  }

  /**
   * Reports a comment after the rule, which would be part of its last value: `type=raw,value=latest # stable`. In a
   * quoted attribute, the `#` is text. `words`: a bare word counts as a value. True: none is found.
   */
  rejectComments({words}: {readonly words: boolean}): boolean {
    for (const attribute of this.all) {
      if (attribute.name === undefined && !words) continue
      const offset = commentBehind(this.source.text, attribute)
      if (offset === undefined) continue
      const name = nameOf(attribute)
      this.reject(attribute.valueColumn + offset, `the comment would be part of ${name}`, commentRemedy(name))
      return false
    }
    return true
  }

  #rejectSecond(first: Attribute, second: Attribute): void {
    const columns = `(columns ${first.nameColumn} and ${second.nameColumn})`
    const word = second.name === undefined ? second : first.name === undefined ? first : undefined
    if (word === undefined) {
      this.reject(second.nameColumn, `${nameOf(second)} is set twice ${columns}`, 'Keep one of them.')
    } else {
      const message = `"${word.value}" has no name, so it is a second value ${columns}`
      this.reject(word.nameColumn, message, `Write each tag on its own line.${this.#quoteRemedy(second)}`)
    }
  }

  /** Hint to quote a value with a comma; empty after `type=`, whose values have none. */
  #quoteRemedy(word: Attribute): string {
    const before = this.all[this.all.indexOf(word) - 1]
    if (before?.name?.toLowerCase() === 'type') return ''
    const text = before?.name === undefined ? before?.value : `${before.name}=${before.value}`
    const joined = text === undefined ? 'value=a,b' : `${text},${word.value}`
    return ` Quote an attribute that contains a comma: "${joined.replaceAll('"', '""')}".`
  }

  /** Reports every attribute with another name than these, so that a user sees all mistakes at once. True: none has. */
  rejectUnknownNames(known: readonly string[]): boolean {
    const unknown = this.all.filter(({name}) => name !== undefined && !known.includes(name.toLowerCase()))
    for (const {name = '', nameColumn} of unknown) {
      this.reject(nameColumn, `unknown attribute "${name}"`, suggestion(name, known))
    }
    return unknown.length === 0
  }

  /** Reports expressions in these attributes, which would use them as plain text. True: none has one. */
  rejectExpressions(names: readonly string[]): boolean {
    const wrong = this.all.filter(
      (attribute) => names.includes(nameOf(attribute)) && literalPart(attribute).includes('{{'),
    )
    for (const attribute of wrong) {
      const column = attribute.valueColumn + attribute.value.indexOf('{{')
      const remedy = 'Only value, prefix, suffix and enable take expressions; write the text itself.'
      this.reject(column, `${nameOf(attribute)} takes no expression`, remedy)
    }
    return wrong.length === 0
  }

  /** Finds an attribute that the rule must have; reports that it is missing. */
  required(name: string, remedy: string): Attribute | undefined {
    const attribute = this.find(name)
    if (attribute === undefined) this.reject(this.source.text.length + 1, `the rule needs ${name}=…`, remedy)
    return attribute
  }

  /** Reads an attribute with one of these values; reports every other value. */
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

  /** Result of a parser of an attribute's value; its problem is reported with the column in the line. */
  parsed<T extends {readonly ok: true}>(
    attribute: Attribute,
    result: T | {readonly ok: false; readonly column: number; readonly reason: string; readonly remedy: string},
  ): T | undefined {
    if (result.ok) return result
    this.reject(attribute.valueColumn + result.column - 1, result.reason, result.remedy)
    return undefined
  }

  /** Logs something that works, but perhaps not as intended. */
  notice(column: number, message: string): void {
    this.#problems.notice({input: 'tags', line: this.source.line, column, message})
  }

  /** Reports a problem. Returns no rules, for the caller to return. */
  reject(column: number, message: string, remedy: string): readonly [] {
    this.#problems.add({input: 'tags', line: this.source.line, column, message, remedy})
    return []
  }
}

/** Value without the regular expression that may follow the `#` of a path. */
function literalPart(attribute: Attribute): string {
  return nameOf(attribute) === 'path' ? (attribute.value.split('#', 1)[0] ?? '') : attribute.value
}

function nameOf({name}: Attribute): string {
  return name?.toLowerCase() ?? 'value'
}
