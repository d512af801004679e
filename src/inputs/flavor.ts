import {parseAttributes, type Attribute} from './syntax/attributes.ts'
import {commentBehind, commentRemedy} from './syntax/comment.ts'
import type {InputReader} from './input-reader.ts'
import type {Flavor} from './inputs.ts'
import type {TextPlace, ListItem} from './syntax/lists.ts'
import {suggestion} from './syntax/nearest.ts'

/**
 * Reads the input `flavor` of docker/metadata-action: `latest=…`, `prefix=…,onlatest=…`, `suffix=…,onlatest=…`. Of
 * duplicates the last one applies. `onlatest` applies to the preceding prefix or suffix of its line.
 */
export function readFlavor(reader: InputReader): Flavor {
  return reader.list('flavor').reduce((flavor, item) => new FlavorLine(reader, item).apply(flavor), noFlavor)
}

const noFlavor: Flavor = {latest: 'auto', prefix: '', prefixOnLatest: false, suffix: '', suffixOnLatest: false}
const knownAttributes = ['latest', 'prefix', 'suffix', 'onlatest']
const latestValues = ['auto', 'true', 'false'] as const
const onLatestValues = ['true', 'false'] as const

/** Parser of one line of `flavor`. */
class FlavorLine {
  readonly #reader: InputReader
  readonly #item: ListItem
  /** Attribute that the next `onlatest` applies to. */
  #affix: 'prefix' | 'suffix' | undefined

  constructor(reader: InputReader, item: ListItem) {
    this.#reader = reader
    this.#item = item
  }

  apply(flavor: Flavor): Flavor {
    const parsed = parseAttributes(this.#item.text)
    if (!parsed.ok) {
      this.#problem(parsed.column, parsed.reason, 'Close the quote, or remove it.')
      return flavor
    }
    if (parsed.attributes.some((attribute) => this.#rejectComment(attribute))) return flavor
    return parsed.attributes.reduce((changed, attribute) => this.#apply(changed, attribute), flavor)
  }

  /** Reports a comment after the line, which would be part of its last value. */
  #rejectComment(attribute: Attribute): boolean {
    const offset = commentBehind(this.#item.text, attribute)
    if (offset === undefined) return false
    const name = attribute.name ?? 'the line'
    this.#problem(attribute.valueColumn + offset, `the comment would be part of ${name}`, commentRemedy(name))
    return true
  }

  #apply(flavor: Flavor, attribute: Attribute): Flavor {
    switch (attribute.name?.toLowerCase()) {
      case 'latest':
        return {...flavor, latest: this.#oneOf(attribute, latestValues) ?? flavor.latest}
      case 'prefix':
        this.#affix = 'prefix'
        return {...flavor, prefix: attribute.value, prefixPlace: this.#place(attribute.valueColumn)}
      case 'suffix':
        this.#affix = 'suffix'
        return {...flavor, suffix: attribute.value, suffixPlace: this.#place(attribute.valueColumn)}
      case 'onlatest':
        return this.#applyOnLatest(flavor, attribute)
      default:
        return this.#reject(flavor, attribute)
    }
  }

  #applyOnLatest(flavor: Flavor, attribute: Attribute): Flavor {
    const value = this.#oneOf(attribute, onLatestValues)
    if (this.#affix === undefined) {
      const remedy = 'Write it after its prefix or suffix: prefix=…,onlatest=true.'
      this.#problem(attribute.nameColumn, 'onlatest does not follow a prefix or a suffix', remedy)
    }
    if (value === undefined || this.#affix === undefined) return flavor
    return this.#affix === 'prefix'
      ? {...flavor, prefixOnLatest: value === 'true'}
      : {...flavor, suffixOnLatest: value === 'true'}
  }

  #reject(flavor: Flavor, {name, value, nameColumn}: Attribute): Flavor {
    if (name === undefined) this.#problem(nameColumn, `"${value}" has no =`, 'Write name=value, such as latest=auto.')
    else this.#problem(nameColumn, `unknown attribute "${name}"`, suggestion(name, knownAttributes))
    return flavor
  }

  #oneOf<T extends string>({name, value, valueColumn}: Attribute, possible: readonly T[]): T | undefined {
    const match = possible.find((one) => one === value)
    if (match === undefined) {
      this.#problem(valueColumn, `${name ?? ''} cannot be "${value}"`, `Use one of: ${possible.join(', ')}.`)
    }
    return match
  }

  #problem(column: number, message: string, remedy: string): void {
    this.#reader.problem('flavor', this.#place(column), message, remedy)
  }

  /** Place in the input of a column of the item. */
  #place(column: number): TextPlace {
    return {line: this.#item.number, column: this.#item.column + column - 1}
  }
}
