import {isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document} from 'yaml'
import {aliasTargets, documentOf} from '../inputs/syntax/yaml-document.ts'
import {syntaxProblems} from '../inputs/syntax/yaml-errors.ts'
import {runnerText, runnerValue} from './runner-text.ts'
import type {FileProblem, Place, PlainValue, Written, WrittenMap} from './workflow.ts'

/** Entry of a map. Aliases are followed. */
interface TreeEntry {
  readonly key: string
  readonly keyNode: unknown
  readonly value: unknown
}

const syntaxRemedy = 'Check the indentation, and put values with special characters in single quotes.'
/** Remedies for syntax errors that are not one of indentation or quotes. */
const remedies: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'Remove one of the two keys, or merge their values.',
  MULTIPLE_DOCS: 'Write one workflow per file.',
  TAB_AS_INDENT: 'Indent the line with spaces.',
}
/** Nodes of a value without places. Aliases of aliases can multiply without end. */
const mostNodes = 10_000

/** YAML file whose anchors, aliases and merge keys are followed, with the places of its values. */
export class YamlTree {
  readonly text: string
  readonly problems: FileProblem[] = []
  readonly #lines = new LineCounter()
  readonly #document: Document | undefined
  readonly #targets: ReadonlyMap<unknown, unknown>
  #nodes = 0

  constructor(text: string) {
    this.text = text
    const options = {lineCounter: this.#lines, prettyErrors: false, schema: 'failsafe'} as const
    this.#document = documentOf(() => parseDocument(text, options))
    this.#targets = aliasTargets(this.#document)
    if (this.#document === undefined) this.problemAt(0, 'the YAML is nested too deep', syntaxRemedy)
    else this.#checkSyntax(this.#document)
  }

  #checkSyntax(document: Document): void {
    const found = syntaxProblems(document.errors, this.text, this.#lines)
    // The lines below a tab are read at the wrong depth.
    const first = found.findIndex(({code}) => code === 'TAB_AS_INDENT')
    const shown = found.filter(({code}, index) => first < 0 || index <= first || code === 'TAB_AS_INDENT')
    for (const {code, line, column, message} of shown) {
      const start = (this.#lines.lineStarts[line - 1] ?? 0) + column - 1
      // What is missing at the end is missing after the last text: an empty line has no place to mark.
      this.problemAt(
        Math.min(start, this.text.trimEnd().length),
        `the YAML is not valid: ${message}`,
        remedies[code] ?? syntaxRemedy,
      )
    }
    for (const [alias, target] of this.#targets) {
      if (target !== undefined) continue
      const message = 'the value begins with *, which refers to an unknown value'
      this.problem(alias, message, 'Write the anchor with & before it, or put the value in single quotes.')
    }
  }

  /** Content of the document. */
  get root(): unknown {
    return this.resolve(this.#document?.contents)
  }

  /** Node itself, or the one that an alias refers to. */
  resolve(node: unknown): unknown {
    let found = node
    for (let steps = 0; isAlias(found) && steps < 100; steps += 1) found = this.#targets.get(found)
    return isAlias(found) ? undefined : found
  }

  /** Entries of a map. Those of `<<` come first, unless the map has the key itself. */
  entries(node: unknown, depth = 0): readonly TreeEntry[] {
    const map = this.resolve(node)
    if (!isMap(map) || depth > 10) return []
    const found = new Map<string, TreeEntry>()
    for (const {key, value} of map.items) {
      if (!isMergeKey(key)) continue
      const sources = this.resolve(value)
      for (const source of isSeq(sources) ? sources.items : [sources])
        for (const entry of this.entries(source, depth + 1)) if (!found.has(entry.key)) found.set(entry.key, entry)
    }
    for (const {key, value} of map.items) {
      if (isMergeKey(key)) continue
      const name = this.#scalarText(key)
      if (name !== undefined) found.set(name, {key: name, keyNode: key, value: this.resolve(value)})
    }
    return [...found.values()]
  }

  /** Value of a key of a map. */
  get(node: unknown, key: string): unknown {
    return this.entry(node, key)?.value
  }

  /** Entry of a map with this key. */
  entry(node: unknown, key: string): TreeEntry | undefined {
    return this.entries(node).find((one) => one.key === key)
  }

  /** Items of a list; undefined if the node is not a list. */
  items(node: unknown): readonly unknown[] | undefined {
    const list = this.resolve(node)
    return isSeq(list) ? list.items.map((item) => this.resolve(item)) : undefined
  }

  isMap(node: unknown): boolean {
    return isMap(this.resolve(node))
  }

  isScalar(node: unknown): boolean {
    return isScalar(this.resolve(node))
  }

  /** Scalar of an entry; undefined if its value is a list or a map. */
  written(entry: TreeEntry | undefined): Written | undefined {
    const node = entry?.value
    if (entry === undefined || !isScalar(node)) return undefined
    return {
      text: runnerText(node),
      place: this.place(node),
      style: styles[node.type ?? ''] ?? 'plain',
      key: this.place(entry.keyNode),
    }
  }

  /** Scalars of a map, by key. Lists and maps among its values are left out. */
  writtenMap(node: unknown): WrittenMap {
    const found = this.entries(node).map((entry) => [entry.key, this.written(entry)] as const)
    return new Map(found.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])))
  }

  /** Texts of a list, or the one text of a scalar; undefined without a value. */
  texts(node: unknown): readonly string[] | undefined {
    const value = this.resolve(node)
    if (isScalar(value)) return runnerText(value) === '' ? undefined : [runnerText(value)]
    return this.items(value)?.flatMap((item) => (isScalar(item) ? [runnerText(item)] : []))
  }

  /** Value without places, with the types of its scalars. */
  plain(node: unknown, depth = 0): PlainValue {
    const value = this.resolve(node)
    this.#nodes += 1
    if (depth > 20 || this.#nodes > mostNodes) return ''
    if (isSeq(value)) return value.items.map((item) => this.plain(item, depth + 1))
    if (isMap(value))
      return Object.fromEntries(this.entries(value).map((entry) => [entry.key, this.plain(entry.value, depth + 1)]))
    return isScalar(value) ? runnerValue(value) : null
  }

  /** Place of a node. Without a node, the beginning of the file. */
  place(node: unknown): Place {
    const range: unknown = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
    if (!Array.isArray(range)) return this.placeOf(0, 0)
    const offsets: readonly unknown[] = range
    const [start, end] = offsets.map((offset) => (typeof offset === 'number' ? offset : 0))
    return this.placeOf(start ?? 0, end ?? 0)
  }

  /** Place between two offsets. */
  placeOf(start: number, end: number): Place {
    const {line, col} = this.#lines.linePos(start)
    return {start, end: Math.max(start, end), line: Math.max(line, 1), column: Math.max(col, 1)}
  }

  problem(node: unknown, message: string, remedy: string): void {
    this.problems.push({place: this.place(node), message, remedy})
  }

  problemAt(start: number, message: string, remedy: string): void {
    this.problems.push({place: this.placeOf(start, start), message, remedy})
  }

  #scalarText(node: unknown): string | undefined {
    const scalar = this.resolve(node)
    return isScalar(scalar) ? String(scalar.value) : undefined
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN'
}

const styles: Readonly<Record<string, Written['style']>> = {
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
}
