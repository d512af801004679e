import type {Attribute} from '../inputs/attributes.ts'
import {suggestion} from '../inputs/nearest.ts'
import type {Problems} from '../inputs/problem.ts'
import type {RuleSource} from './rule.ts'

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

  /** The last one counts, as in docker/metadata-action. A bare word stands for `value` beside named attributes. */
  find(name: string): Attribute | undefined {
    return this.all.findLast((attribute) => (attribute.name?.toLowerCase() ?? 'value') === name)
  }

  /** Looks at every name, so that all mistakes are told at once. */
  knowsNames(known: readonly string[]): boolean {
    const unknown = this.all.filter(({name}) => name !== undefined && !known.includes(name.toLowerCase()))
    for (const {name = '', nameColumn} of unknown) {
      this.reject(nameColumn, `unknown attribute "${name}"`, suggestion(name, known))
    }
    return unknown.length === 0
  }

  required(name: string, remedy: string): Attribute | undefined {
    const attribute = this.find(name)
    if (attribute === undefined) this.reject(this.source.text.length + 1, `the rule needs ${name}=…`, remedy)
    return attribute
  }

  oneOf<const T extends string>(name: string, possible: readonly T[]): T | undefined {
    const attribute = this.required(name, `Use one of: ${possible.map((value) => `${name}=${value}`).join(', ')}.`)
    if (attribute === undefined) return undefined
    const {value, valueColumn} = attribute
    const known = possible.find((one) => one === value)
    if (known === undefined) this.reject(valueColumn, `unknown ${name} "${value}"`, suggestion(value, possible))
    return known
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

  /** Gives no rule, for the caller to return. */
  reject(column: number, message: string, remedy: string): readonly [] {
    this.#problems.add({input: 'tags', line: this.source.line, column, message, remedy})
    return []
  }
}
