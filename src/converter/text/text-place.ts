import type {Place} from '../../workflow-file/workflow.ts'

/** Place of a part of a text. */
export function textPlace(text: string, start: number, length: number): Place {
  const before = text.slice(0, start).split('\n')
  return {start, end: start + length, line: before.length, column: (before.at(-1)?.length ?? 0) + 1}
}
