import {isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument} from 'yaml'
import type {Document, Scalar, YAMLMap} from 'yaml'
import type {InputReader, Place} from '../input-reader.ts'
import {nearest} from './nearest.ts'
import type {InputOfForm} from '../spec/spec.ts'
import {aliasTargets, documentOf} from './yaml-document.ts'
import {syntaxProblems} from './yaml-errors.ts'
import type {YamlEntry, YamlItem, YamlListWords} from './yaml-item.ts'
import {lostPart} from './yaml-loss.ts'

const quotesRemedy = 'Check the indentation, and put values with special characters in single quotes.'
const secretRemedy =
  'Check the indentation, and write secrets as ${{ toJSON(secrets.NAME) }}, without quotes around it.'

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
  readonly #source: string
  readonly #remedy: string
  /** Texts that were read, so that a problem in one of them is reported once. */
  readonly #texts = new Map<object, string>()
  #targets: ReadonlyMap<unknown, unknown> | undefined
  #referencedNodes: ReadonlySet<unknown> | undefined

  constructor(reader: InputReader, input: InputOfForm<'yaml'>, words: YamlListWords) {
    this.#reader = reader
    this.#input = input
    this.#words = words
    const options = {lineCounter: this.#lines, prettyErrors: false, schema: 'failsafe'} as const
    this.#source = reader.untrimmed(input)
    this.#remedy = words.holdsSecrets ? secretRemedy : quotesRemedy
    this.#document = documentOf(() => parseDocument(this.#source, options))
  }

  /** Items that are maps. Empty if the YAML is not valid. */
  items(): readonly YamlItem[] {
    const document = this.#valid()
    return document === undefined ? [] : this.#readList(document)
  }

  /** Map that is the whole text, instead of a list. Undefined if the YAML is not valid. */
  mapping(): YamlItem | undefined {
    const document = this.#valid()
    const map = document && this.#resolve(document.contents)
    if (isMap(map)) {
      this.#checkKeys(map)
      return {map, place: this.#placeOf(map)}
    }
    if (document !== undefined) this.problem({}, `this is not a ${this.#words.item}`, this.#words.example)
    return undefined
  }

  #valid(): Document | undefined {
    if (this.#document === undefined) {
      this.problem({}, 'the YAML is nested too deep', this.#remedy)
      return undefined
    }
    for (const {line, column, message} of syntaxProblems(this.#document.errors, this.#source, this.#lines))
      this.problem({line, column}, `the YAML is not valid: ${message}`, this.#remedy)
    return this.#document.errors.length > 0 ? undefined : this.#document
  }

  /** Trimmed value of a key, or an empty text. `null` without quotes is empty: it is the JSON of a secret that is not set. */
  text(map: YAMLMap, key: string): string {
    const pair = this.#pairOf(map, key)
    if (pair === undefined) return ''
    const text = this.#texts.get(pair) ?? this.#readText(this.#resolve(pair.value), key)
    this.#texts.set(pair, text)
    return text
  }

  #readText(node: unknown, key: string): string {
    if (node === undefined || node === null) return ''
    if (isScalar(node)) {
      if (this.#words.holdsSecrets && this.#reportLoss(node, key)) return ''
      const isNull = node.type === 'PLAIN' && node.value === 'null'
      return typeof node.value === 'string' && !isNull ? node.value.trim() : ''
    }
    const remedy = this.#words.holdsSecrets
      ? this.#remedy
      : 'Write the value after the colon, in single quotes if it has special characters.'
    this.problem(this.#placeOf(node), `the value of ${key} is not text`, remedy)
    return ''
  }

  /** Text of a key, with the name as it is written and its position. Undefined if the item does not have the key. */
  entry(map: YAMLMap, key: string): YamlEntry | undefined {
    const pair = this.#pairOf(map, key)
    if (pair === undefined) return undefined
    const name = isScalar(pair.key) && typeof pair.key.value === 'string' ? pair.key.value : key
    return {name, text: this.text(map, key), place: this.#placeOf(pair.key)}
  }

  /** Position of a key of an item, or that of the item without the key. */
  keyPlace({map, place}: YamlItem, key: string): Place {
    return this.entry(map, key)?.place ?? place
  }

  #pairOf(map: YAMLMap, key: string): YAMLMap['items'][number] | undefined {
    return map.items.find((one) => this.#keyOf(one.key) === key)
  }

  /** Key with this name, or with this other name. */
  #keyOf(node: unknown): string {
    const name = isScalar(node) && typeof node.value === 'string' ? node.value : ''
    const {otherNames} = this.#words
    if (otherNames === undefined) return name
    const hyphenated = name.replaceAll('_', '-')
    return otherNames.get(hyphenated) ?? hyphenated
  }

  /** Reports a part of a value that YAML does not keep. */
  #reportLoss(node: Scalar, key: string): boolean {
    const isReferenced = node.anchor !== undefined && this.#referenced().has(node)
    const mayEndInComment = key === this.#words.secretKey
    const lost = lostPart(node, {source: this.#source, isReferenced, mayEndInComment})
    if (lost === undefined) return false
    const comment = 'Write a comment on its own line.'
    const remedy = `Write ${key}: \${{ toJSON(secrets.NAME) }}, without quotes around it. ${comment}`
    this.problem(this.#placeOf(node), `${key}: ${lost}`, remedy)
    return true
  }

  /** Items of a YAML list, or lines of a text. */
  texts(map: YAMLMap, key: string): readonly {readonly text: string; readonly place: Place}[] {
    const node = this.#resolve(this.#pairOf(map, key)?.value)
    if (!isSeq(node)) {
      const lines = this.text(map, key).split('\n')
      return lines.flatMap((line) => (line.trim() === '' ? [] : [{text: line.trim(), place: this.#placeOf(node)}]))
    }
    return node.items.flatMap((item) => {
      const one = this.#resolve(item)
      const place = this.#placeOf(one)
      if (isScalar(one) && typeof one.value === 'string') return [{text: one.value.trim(), place}]
      this.problem(place, `this item of ${key} is not text`, this.#remedy)
      return []
    })
  }

  problem(place: Place, message: string, remedy: string): void {
    this.#reader.problem(this.#input, place, message, remedy)
  }

  notice(place: Place, message: string): void {
    this.#reader.notice(this.#input, place, message)
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
    const known = new Set<string>()
    for (const {key} of map.items) {
      const name = this.#keyOf(key)
      if (!this.#words.keys.includes(name)) this.#reportKey(key, name)
      else if (known.has(name))
        this.problem(this.#placeOf(key), `${name} is given twice`, 'Remove one of the two keys.')
      known.add(name)
    }
  }

  /** An unknown key may be a secret in the wrong place: only one that is similar to a known key is quoted then. */
  #reportKey(key: unknown, name: string): void {
    const {keys, holdsSecrets, otherNames, slips} = this.#words
    const match = slips?.get(name.toLowerCase()) ?? nearest(name, [...keys, ...(otherNames?.keys() ?? [])])
    const remedy = match === undefined ? `Use one of: ${keys.join(', ')}.` : `Did you mean "${match}"?`
    const isShown = !holdsSecrets || match !== undefined
    this.problem(this.#placeOf(key), isShown ? `unknown key "${name}"` : 'unknown key', remedy)
  }

  #resolve(node: unknown): unknown {
    if (!isAlias(node)) return node
    const target = this.#aliases().get(node)
    // An unquoted password that begins with * is parsed as the name of an anchor.
    if (target === undefined)
      this.problem(this.#placeOf(node), 'the value begins with *, which refers to an unknown value', this.#remedy)
    return target
  }

  /** Nodes that an alias refers to. */
  #referenced(): ReadonlySet<unknown> {
    return (this.#referencedNodes ??= new Set(this.#aliases().values()))
  }

  #aliases(): ReadonlyMap<unknown, unknown> {
    return (this.#targets ??= aliasTargets(this.#document))
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
