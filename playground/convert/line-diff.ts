import {Change, diff, type DiffConfig} from '@codemirror/merge'
import {alignedLines} from './aligned-lines.ts'

/** Difference by lines: a difference by characters finds the same few letters in lines that have nothing in common. */
export const lineDiff: DiffConfig = {override: lineChanges}

function lineChanges(a: string, b: string): readonly Change[] {
  const [linesA, linesB] = [a.split('\n'), b.split('\n')]
  const pairs = alignedLines(linesA, linesB)
  if (pairs === undefined) return diff(a, b, {scanLimit: 500})
  const walk = {a: 0, b: 0}
  return pairs.flatMap((pair) => {
    const from = {...walk}
    // After the last line of one text, those of the other begin with their line breaks.
    const [isLastA, isLastB] = [pair.a === linesA.length - 1, pair.b === linesB.length - 1]
    const lineBreak = pair.a !== undefined && pair.b !== undefined && isLastA !== isLastB ? 0 : 1
    walk.a = Math.min(a.length, walk.a + lengthOf(linesA, pair.a, lineBreak))
    walk.b = Math.min(b.length, walk.b + lengthOf(linesB, pair.b, lineBreak))
    if (pair.a === undefined || pair.b === undefined) return [new Change(from.a, walk.a, from.b, walk.b)]
    return changeIn(linesA[pair.a] ?? '', linesB[pair.b] ?? '', from)
  })
}

/** Length of a line with its line break; 0 for none. */
function lengthOf(lines: readonly string[], index: number | undefined, lineBreak: number): number {
  return index === undefined ? 0 : (lines[index] ?? '').length + lineBreak
}

/** Change between two lines; none if they are equal. */
function changeIn(a: string, b: string, from: {readonly a: number; readonly b: number}): readonly Change[] {
  if (a === b) return []
  const shorter = Math.min(a.length, b.length)
  let head = 0
  while (head < shorter && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < shorter - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1
  return [new Change(from.a + head, from.a + a.length - tail, from.b + head, from.b + b.length - tail)]
}
