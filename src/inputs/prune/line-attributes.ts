import type {InputReader} from '../input-reader.ts'
import {parseAttributes, type Attribute} from '../syntax/attributes.ts'
import {commentBehind, commentRemedy} from '../syntax/comment.ts'
import type {ListItem} from '../syntax/lists.ts'
import {suggestion} from '../syntax/nearest.ts'
import {policyTypes} from './policy.ts'

const attributeNames = ['type', 'older-than', 'keep', 'per', 'gone', 'pattern', 'regex', 'images', 'enable'] as const

export type AttributeName = (typeof attributeNames)[number]

/** Attributes of one line of `policy`. Their problems are reported with line and column. */
export class LineAttributes {
  readonly #reader: InputReader
  readonly #item: ListItem
  readonly #found: ReadonlyMap<AttributeName, Attribute>
  #isValid = true

  constructor(item: ListItem, reader: InputReader) {
    this.#reader = reader
    this.#item = item
    this.#found = this.#parse()
  }

  /** Whether no problem of the line was reported. */
  get isValid(): boolean {
    return this.#isValid
  }

  has(name: AttributeName): boolean {
    return this.#found.has(name)
  }

  find(name: AttributeName): Attribute | undefined {
    return this.#found.get(name)
  }

  /** Value of an attribute that must be one of these; any other value is reported. Undefined without the attribute. */
  oneOf<const T extends string>(
    name: AttributeName,
    possible: readonly T[],
    aliases: Readonly<Record<string, T>> = {},
  ): T | undefined {
    const attribute = this.#found.get(name)
    if (attribute === undefined) return undefined
    const {value} = attribute
    const match = possible.find((one) => one === value)
    const alias = Object.hasOwn(aliases, value) ? aliases[value] : undefined
    const remedy = alias === undefined ? suggestion(value, possible) : `Did you mean "${alias}"?`
    if (match === undefined) this.reject(attribute, `"${value}" is not a value of \`${name}\``, remedy)
    return match
  }

  /** Reports a problem of an attribute, or of the whole line. `offset` is the 0-based position in the value. */
  reject(at: Attribute | undefined, message: string, remedy: string, offset = 0): void {
    this.#rejectAt(at === undefined ? 1 : at.valueColumn + offset, message, remedy)
  }

  #rejectAt(column: number, message: string, remedy: string): void {
    this.#isValid = false
    this.#reader.problem('policy', {line: this.#item.number, column: this.#item.column + column - 1}, message, remedy)
  }

  #parse(): ReadonlyMap<AttributeName, Attribute> {
    const found = new Map<AttributeName, Attribute>()
    const parsed = parseAttributes(this.#item.text)
    if (!parsed.ok) {
      this.#rejectAt(parsed.column, parsed.reason, 'Close the quote, or remove it.')
      return found
    }
    for (const attribute of parsed.attributes) {
      const name = this.#nameOf(attribute)
      if (name === undefined) continue
      if (found.has(name)) this.#rejectAt(attribute.nameColumn, `\`${name}\` is set twice`, 'Keep one of them.')
      found.set(name, attribute)
    }
    return found
  }

  /** Name of a valid attribute. */
  #nameOf(attribute: Attribute): AttributeName | undefined {
    const {name, value, nameColumn, valueColumn} = attribute
    const comment = commentBehind(this.#item.text, attribute)
    if (comment !== undefined) {
      this.#rejectAt(valueColumn + comment, 'the comment would be part of the line', commentRemedy(name ?? 'type'))
      return undefined
    }
    if (name === undefined) {
      const type = policyTypes.find((one) => one === value)
      const remedy = type === undefined ? 'Write name=value, separated by commas.' : `Did you mean "type=${type}"?`
      this.#rejectAt(nameColumn, `"${value}" has no name`, remedy)
      return undefined
    }
    const known = attributeNames.find((one) => one === name.toLowerCase())
    if (known === undefined) {
      this.#rejectAt(nameColumn, `unknown attribute "${name}"`, suggestion(name, attributeNames))
    } else if (value === '') {
      this.#rejectAt(nameColumn, `\`${known}\` is empty`, 'Write a value, or remove it.')
      return undefined
    }
    return known
  }
}
