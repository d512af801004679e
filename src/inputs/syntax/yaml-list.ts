import {isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type YAMLMap} from 'yaml'
import type {InputReader, Place} from '../input-reader.ts'
import {nearest} from './nearest.ts'
import type {InputOfForm} from '../spec/spec.ts'

const specialRemedy = 'Check the indentation, and put values with special characters in single quotes.'

/** Words and keys for the list of an input. */
interface YamlListWords {
  /** Name of an item, such as `login`. */
  readonly item: string
  /** Remedy with the format of the list. */
  readonly example: string
  readonly keys: readonly string[]
  /** Keys of the Docker action that are not supported yet. */
  readonly laterKeys: readonly string[]
  /** Whether an unknown key must not be quoted, because it may be a secret in the wrong place. */
  readonly holdsSecrets: boolean
}

/** Item of the list: a map with checked keys and text values. */
export interface YamlItem {
  readonly map: YAMLMap
  readonly place: Place
}

/**
 * Parser of an input that is a YAML list of maps. Every scalar is parsed as text, so that a password of digits stays
 * unchanged. No message quotes a value.
 */
export class YamlList {
  readonly #reader: InputReader
  readonly #input: InputOfForm<'yaml'>
  readonly #words: YamlListWords
  readonly #lines = new LineCounter()
  /** Parsed document, or undefined if it is nested too deep for the parser. */
  readonly #document: Document | undefined
  #targets: ReadonlyMap<unknown, unknown> | undefined

  constructor(reader: InputReader, input: InputOfForm<'yaml'>, words: YamlListWords) {
    this.#reader = reader
    this.#input = input
    this.#words = words
    const options = {lineCounter: this.#lines, prettyErrors: false, schema: 'failsafe'} as const
    this.#document = documentOf(() => parseDocument(reader.untrimmed(input), options))
  }

  /** Items that are maps. Empty if the YAML is not valid. */
  items(): readonly YamlItem[] {
    if (this.#document === undefined) {
      this.problem({}, 'the YAML is nested too deep', specialRemedy)
      return []
    }
    // The parser's own messages quote the text; its codes do not.
    for (const {code, pos} of distinct(this.#document.errors)) {
      const reason = code.toLowerCase().replaceAll('_', ' ')
      this.problem(this.#placeAt(pos[0]), `the YAML is not valid (${reason})`, specialRemedy)
    }
    return this.#document.errors.length > 0 ? [] : this.#readList(this.#document)
  }

  /** Trimmed value of a key, or an empty text. */
  text(map: YAMLMap, key: string): string {
    const node = this.#resolve(map.get(key, true))
    if (node === undefined || node === null) return ''
    if (isScalar(node)) return typeof node.value === 'string' ? node.value.trim() : ''
    const remedy = 'Write the value after the colon, in single quotes if it has special characters.'
    this.problem(this.#placeOf(node), `the value of ${key} is not text`, remedy)
    return ''
  }

  /** Items of a YAML list, or lines of a text. */
  texts(map: YAMLMap, key: string): readonly {readonly text: string; readonly place: Place}[] {
    const node = this.#resolve(map.get(key, true))
    if (!isSeq(node)) {
      const lines = this.text(map, key).split('\n')
      return lines.flatMap((line) => (line.trim() === '' ? [] : [{text: line.trim(), place: this.#placeOf(node)}]))
    }
    return node.items.flatMap((item) => {
      const one = this.#resolve(item)
      const place = this.#placeOf(one)
      if (isScalar(one) && typeof one.value === 'string') return [{text: one.value.trim(), place}]
      this.problem(place, `this item of ${key} is not text`, specialRemedy)
      return []
    })
  }

  problem(place: Place, message: string, remedy: string): void {
    this.#reader.problem(this.#input, place, message, remedy)
  }

  #readList(document: Document): readonly YamlItem[] {
    const {item, example} = this.#words
    const list = this.#resolve(document.contents)
    if (!isSeq(list)) {
      this.problem({}, 'this is not a YAML list', example)
      return []
    }
    if (list.items.length === 0) this.problem({}, 'the list is empty', example)
    return list.items.flatMap((written) => {
      const map = this.#resolve(written)
      if (isMap(map)) {
        this.#checkKeys(map)
        return [{map, place: this.#placeOf(map)}]
      }
      this.problem(this.#placeOf(map), `this item is not a ${item}`, example)
      return []
    })
  }

  #checkKeys(map: YAMLMap): void {
    const {keys, laterKeys, holdsSecrets} = this.#words
    for (const {key} of map.items) {
      const name = isScalar(key) && typeof key.value === 'string' ? key.value : ''
      if (keys.includes(name)) continue
      if (laterKeys.includes(name)) {
        this.problem(this.#placeOf(key), `${name} is not supported yet`, 'Remove it.')
        continue
      }
      const match = nearest(name, [...keys, ...laterKeys])
      const remedy = match === undefined ? `Use one of: ${keys.join(', ')}.` : `Did you mean "${match}"?`
      this.problem(this.#placeOf(key), holdsSecrets ? 'unknown key' : `unknown key "${name}"`, remedy)
    }
  }

  #resolve(node: unknown): unknown {
    if (!isAlias(node)) return node
    this.#targets ??= aliasTargets(this.#document)
    const target = this.#targets.get(node)
    // An unquoted password that begins with * is parsed as the name of an anchor.
    if (target === undefined) this.problem(this.#placeOf(node), 'the YAML anchor does not exist', specialRemedy)
    return target
  }

  #placeOf(node: unknown): Place {
    const range: unknown = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
    const start: unknown = Array.isArray(range) ? range[0] : undefined
    return typeof start === 'number' ? this.#placeAt(start) : {}
  }

  #placeAt(offset: number): Place {
    const {line, col} = this.#lines.linePos(offset)
    return {line, column: col}
  }
}

/** First error at each position. The parser reports an unexpected end once per level. */
function distinct(errors: Document['errors']): Document['errors'] {
  return [...new Map(errors.toReversed().map((error) => [error.pos[0], error])).values()].reverse()
}

/** Target of each alias: the last preceding node with that anchor. One pass finds all of them. */
function aliasTargets(document: Document | undefined): ReadonlyMap<unknown, unknown> {
  const anchors = new Map<string, unknown>()
  const targets = new Map<unknown, unknown>()
  visit(document ?? null, {
    Alias: (_, alias) => {
      targets.set(alias, anchors.get(alias.source))
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node)
    },
  })
  return targets
}

function documentOf(parse: () => Document): Document | undefined {
  try {
    return parse()
  } catch (error) {
    // The parser is recursive.
    if (error instanceof RangeError) return undefined
    throw error
  }
}
