import {isMap, isScalar, isSeq, type YAMLMap} from 'yaml'
import type {YamlTree} from '../../workflow-file/yaml-tree.ts'
import {blocksOf, type Block} from './blocks.ts'
import type {EntryText} from './entry-text.ts'
import type {Lines, LineRange} from './lines.ts'

/** Step as it is written in a list. */
export interface StepSource {
  readonly block: Block
  /** Text from the beginning of the line with the hyphen to the first key. */
  readonly prefix: readonly string[]
  /** Column of the keys. */
  readonly column: number
  /** Entries of the step; undefined if the step is not in block style, or consists of anchors or aliases. */
  readonly entries: readonly EntryText[] | undefined
  /** Entries of `with`, in block or flow style. Empty without `with`. */
  readonly inputs: readonly EntryText[]
  /** Column of the inputs, if they are in block style. */
  readonly inputColumn: number | undefined
  /** Number of spaces that the step, or another one of the list, indents the entries of a map by. */
  readonly unit: number
}

/** Finds the lines of the steps of a list. Undefined if the list is not in block style. */
export function stepSources(tree: YamlTree, lines: Lines, list: unknown): readonly StepSource[] | undefined {
  if (!isSeq(list) || list.flow === true) return undefined
  const column = lines.columnOf(list.range?.[0] ?? 0)
  const starts = list.items.map((item) => hyphenLine(lines, startOf(item), column))
  const blocks = blocksOf(lines, {starts, column, end: contentEnd(lines, list)})
  const units = list.items.map((item) => unitOf(lines, item))
  return list.items.map((item, at) => {
    const block = blocks[at] ?? {lead: {from: 0, to: 0}, body: {from: 0, to: 0}}
    const unit = units[at] ?? units.find((one) => one !== undefined) ?? 2
    return readStep(tree, lines, {item, block, unit})
  })
}

/** Number of spaces that a step indents its inputs by, or the entries of another map in block style. */
function unitOf(lines: Lines, item: unknown): number | undefined {
  if (!isMap(item) || item.flow === true) return undefined
  const maps = item.items.filter(({value}) => isMap(value) && value.flow !== true)
  const inner = (maps.find(({key}) => isScalar(key) && key.value === 'with') ?? maps[0])?.value
  return inner === undefined ? undefined : lines.columnOf(startOf(inner)) - lines.columnOf(startOf(item))
}

function readStep(
  tree: YamlTree,
  lines: Lines,
  {item, block, unit}: {readonly item: unknown; readonly block: Block; readonly unit: number},
): StepSource {
  const start = startOf(item)
  const column = lines.columnOf(start)
  const prefix = [
    ...lines.slice({from: block.body.from, to: lines.lineOf(start)}),
    lines.line(lines.lineOf(start)).slice(0, column),
  ]
  const plain = {block, prefix, column, entries: undefined, inputs: [], inputColumn: undefined, unit}
  if (!isMap(item) || item.flow === true || isShared(item)) return plain
  const inputs = item.items.find(({key}) => isScalar(key) && key.value === 'with')?.value
  if (!isInputs(inputs)) return plain
  return {
    ...plain,
    entries: withoutLead(mapEntries(lines, item, block.body)),
    inputs: isMap(inputs) ? inputEntries(tree, lines, {map: inputs, body: block.body}) : [],
    inputColumn: isMap(inputs) && inputs.flow !== true ? lines.columnOf(startOf(inputs)) : undefined,
  }
}

/** Reports whether a value of `with` is a map of its own, or empty. */
function isInputs(node: unknown): boolean {
  if (isMap(node)) return !isShared(node)
  return node === undefined || node === null || (isScalar(node) && (node.value === '' || node.value === null))
}

/** Reports whether a map has an anchor, or takes entries from one. */
function isShared(map: YAMLMap): boolean {
  return map.anchor !== undefined || hasMerge(map)
}

function inputEntries(
  tree: YamlTree,
  lines: Lines,
  {map, body}: {readonly map: YAMLMap; readonly body: LineRange},
): readonly EntryText[] {
  if (map.flow !== true) return mapEntries(lines, map, body)
  return map.items.map(({key, value}) => ({
    name: isScalar(key) ? String(key.value) : '',
    lead: [],
    after: `: ${tree.text.slice(startOf(value), endOf(value))}`,
    rest: [],
    column: 0,
  }))
}

/** Entries of a step: what is before the first one is part of the prefix of the step. */
function withoutLead(entries: readonly EntryText[]): readonly EntryText[] {
  return entries.map((entry, at) => (at === 0 ? {...entry, lead: []} : entry))
}

/** Entries of a map in block style. */
function mapEntries(lines: Lines, map: YAMLMap, body: LineRange): readonly EntryText[] {
  const column = lines.columnOf(startOf(map))
  const starts = map.items.map(({key}) => lines.lineOf(startOf(key)))
  const end = Math.min(contentEnd(lines, map), body.to)
  const blocks = blocksOf(lines, {starts, column, end})
  const last = blocks.length - 1
  return map.items.map(({key}, at) => {
    const {lead, body: own} = blocks[at] ?? {lead: body, body}
    const ownLines = lines.slice(
      at === last ? {...own, to: trailingEnd(lines, {column, from: own.to, to: body.to})} : own,
    )
    return {
      name: isScalar(key) ? String(key.value) : '',
      lead: lines.slice(lead),
      after: (ownLines[0] ?? '').slice(lines.columnOf(endOf(key))),
      rest: ownLines.slice(1),
      column,
    }
  })
}

/** End of the comments behind the last entry that are indented like the entries. */
function trailingEnd(
  lines: Lines,
  {column, from, to}: {readonly column: number; readonly from: number; readonly to: number},
): number {
  let end = from
  for (let at = from; at < to; at += 1) {
    const line = lines.line(at)
    if (line.trim() === '') continue
    if (!line.trimStart().startsWith('#') || line.length - line.trimStart().length < column) break
    end = at + 1
  }
  return end
}

/** Line with the hyphen of an item: the hyphen may be alone on its line, with comments behind it. */
function hyphenLine(lines: Lines, start: number, column: number): number {
  let line = lines.lineOf(start)
  while (line > 0 && !isHyphenLine(lines.line(line), column)) line -= 1
  return line
}

function isHyphenLine(line: string, column: number): boolean {
  return line[column] === '-' && line.slice(0, column).trim() === '' && /^[\s]?$/.test(line[column + 1] ?? '')
}

/** Line behind the last line with content of a node. */
function contentEnd(lines: Lines, node: unknown): number {
  let line = lines.lineOf(Math.max(lastOffset(node) - 1, 0))
  while (line > 0 && lines.line(line).trim() === '') line -= 1
  return line + 1
}

/** Offset behind the content of a node, without comments behind it. */
function lastOffset(node: unknown): number {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1)
    return last === undefined ? endOf(node) : Math.max(lastOffset(last.value), endOf(last.key))
  }
  if (isSeq(node) && node.flow !== true) return node.items.length === 0 ? endOf(node) : lastOffset(node.items.at(-1))
  return endOf(node)
}

function startOf(node: unknown): number {
  return rangeOf(node)[0]
}

function endOf(node: unknown): number {
  return rangeOf(node)[1]
}

function rangeOf(node: unknown): readonly [number, number] {
  const range: unknown = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  if (!Array.isArray(range)) return [0, 0]
  const offsets: readonly unknown[] = range
  const [start, end] = offsets.map((offset) => (typeof offset === 'number' ? offset : 0))
  return [start ?? 0, end ?? 0]
}

function hasMerge(map: YAMLMap): boolean {
  return map.items.some(({key}) => isScalar(key) && key.value === '<<')
}
