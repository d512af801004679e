import {indentOf, isBlank, isComment, type Lines, type LineRange} from './lines.ts'

/** Item of a list or entry of a map in block style: the comments before it, and its own lines. */
export interface Block {
  readonly lead: LineRange
  readonly body: LineRange
}

interface Collection {
  /** First line of each item. */
  readonly starts: readonly number[]
  /** Column of the hyphens or keys. */
  readonly column: number
  /** Line behind the last line with content. */
  readonly end: number
}

/**
 * Divides the lines of a list or a map into its items. Comments and blank lines belong to the item behind them, unless a
 * comment is indented deeper than the items.
 */
export function blocksOf(lines: Lines, {starts, column, end}: Collection): readonly Block[] {
  const ends = starts.map((_, at) => bodyEnd(lines, {column, from: starts[at] ?? 0, to: starts[at + 1], end}))
  return starts.map((start, at) => ({
    lead: {from: at === 0 ? leadStart(lines, start, column) : (ends[at - 1] ?? start), to: start},
    body: {from: start, to: ends[at] ?? start + 1},
  }))
}

function bodyEnd(
  lines: Lines,
  {
    column,
    from,
    to,
    end,
  }: {readonly column: number; readonly from: number; readonly to: number | undefined; readonly end: number},
): number {
  if (to === undefined) return lastEnd(lines, column, end)
  let at = to
  while (at > from + 1 && isBetween(lines.line(at - 1), column)) at -= 1
  return at
}

/** End of the last item: comments behind it that are indented deeper belong to it. */
function lastEnd(lines: Lines, column: number, end: number): number {
  let found = end
  for (let at = end; at < lines.all.length; at += 1) {
    const line = lines.line(at)
    if (isBlank(line)) continue
    if (!isComment(line) || indentOf(line) <= column) break
    found = at + 1
  }
  return found
}

/** First line of the comments directly before the first item. */
function leadStart(lines: Lines, start: number, column: number): number {
  let at = start
  while (at > 0 && isComment(lines.line(at - 1)) && indentOf(lines.line(at - 1)) >= column) at -= 1
  return at
}

function isBetween(line: string, column: number): boolean {
  return isBlank(line) || (isComment(line) && indentOf(line) <= column)
}
