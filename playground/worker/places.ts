import type {Written} from '../../src/workflow-file/workflow.ts'
import type {Range} from './messages.ts'

/** Range of the text of a line of a value, counted from 1, or of the whole value. */
export function lineOf(file: string, {place, style}: Written, line?: number, column?: number): Range {
  const whole = {from: place.start, to: place.end}
  if (line === undefined) return firstLine(file, whole)
  if (style !== 'literal' && style !== 'folded') return firstLine(file, whole)
  let from = file.indexOf('\n', place.start) + 1
  if (from === 0) return whole
  for (let left = line - 1; left > 0; left -= 1) {
    const next = file.indexOf('\n', from) + 1
    if (next === 0 || next >= place.end) break
    from = next
  }
  const {from: start, to} = trimmed(file, from)
  return {from: column === undefined ? start : Math.min(start + column - 1, to), to}
}

/** Range from the start of a value to the end of its first line: whole blocks would hide the place. */
function firstLine(file: string, {from, to}: Range): Range {
  const end = file.indexOf('\n', from)
  return {from, to: end === -1 ? to : Math.min(to, end)}
}

/** Line at an offset, without the space around it. */
function trimmed(file: string, from: number): Range {
  const end = file.indexOf('\n', from)
  const line = file.slice(from, end === -1 ? undefined : end)
  const start = from + (line.length - line.trimStart().length)
  return {from: start, to: start + line.trim().length}
}

/** Line of a text, counted from 1. */
export function rangeOfLine(text: string, line: number): Range {
  const before = text.split('\n').slice(0, line - 1)
  return trimmed(
    text,
    before.reduce((sum, one) => sum + one.length + 1, 0),
  )
}
