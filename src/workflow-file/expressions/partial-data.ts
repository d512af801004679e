import {Array as ListData} from '@actions/expressions/data/array'
import {
  BooleanData,
  Dictionary,
  Null,
  NumberData,
  StringData,
  type ExpressionData,
} from '@actions/expressions/data/index'

/** Value of an expression that only a run can give. */
export class UnknownData extends Null {
  /** Names of the values that it depends on, such as `steps.build.outputs.digest`. */
  readonly names: readonly string[]
  /** Whether it counts as true, if that is known without the value. */
  readonly truth: boolean | undefined

  constructor(names: readonly string[], truth?: boolean) {
    super()
    this.names = [...new Set(names)]
    this.truth = truth
  }
}

/** Map with entries that are not known: each entry that it lacks is an unknown value. */
export class OpenData extends Dictionary {
  /** Name of the map, such as `steps.build.outputs`. */
  readonly name: string

  constructor(name: string) {
    super()
    this.name = name
  }

  override get(key: string): ExpressionData {
    return super.get(key) ?? new UnknownData([`${this.name}.${key}`])
  }
}

/** Map of a context. An entry that it does not have can exist in a run. */
export class OpenContext {
  readonly known: Readonly<Record<string, unknown>>

  constructor(known: Readonly<Record<string, unknown>> = {}) {
    this.known = known
  }
}

/** Map of a context with a text for every entry, such as the secrets, whose values are not known. */
export class TextContext {
  readonly textOf: (key: string) => string

  constructor(textOf: (key: string) => string) {
    this.textOf = textOf
  }
}

/** Data of a `TextContext`. */
class TextData extends Dictionary {
  readonly #textOf: (key: string) => string

  constructor({textOf}: TextContext) {
    super()
    this.#textOf = textOf
  }

  override get(key: string): ExpressionData {
    return new StringData(this.#textOf(key))
  }
}

/** Plain value of a context that only a run can give. */
export class UnknownValue {
  /** Names of the values that it depends on. */
  readonly names: readonly string[]

  constructor(...names: readonly string[]) {
    this.names = names
  }
}

/** Converts a plain value. `name` is the path of the value, for unknown parts. */
export function dataOf(value: unknown, name: string): ExpressionData {
  if (value instanceof UnknownValue) return new UnknownData(value.names)
  if (value instanceof OpenContext) return withEntries(new OpenData(name), value.known, name)
  if (value instanceof TextContext) return new TextData(value)
  if (typeof value === 'string') return new StringData(value)
  if (typeof value === 'number') return new NumberData(value)
  if (typeof value === 'boolean') return new BooleanData(value)
  if (Array.isArray(value)) return new ListData(...value.map((one, index) => dataOf(one, `${name}[${index}]`)))
  if (typeof value === 'object' && value !== null) return withEntries(new Dictionary(), value, name)
  return new Null()
}

function withEntries(map: Dictionary, entries: object, name: string): Dictionary {
  for (const [key, value] of Object.entries(entries)) map.add(key, dataOf(value, `${name}.${key}`))
  return map
}

/** Names of the unknown values in a value, at any depth. */
export function unknownIn(value: ExpressionData): readonly string[] {
  if (value instanceof UnknownData) return value.names
  if (value instanceof OpenData) return [value.name]
  if (value instanceof Dictionary || value instanceof ListData) return value.values().flatMap(unknownIn)
  return []
}

/** Plain value of data without unknown parts. */
export function plainOf(value: ExpressionData): unknown {
  if (value instanceof Dictionary)
    return Object.fromEntries(value.pairs().map((pair) => [pair.key, plainOf(pair.value)]))
  if (value instanceof ListData) return value.values().map(plainOf)
  return 'value' in value ? value.value : null
}
