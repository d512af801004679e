import {matrixLegs} from '../../workflow-file/matrix-legs.ts'
import {isRecord} from '../../workflow-file/record.ts'
import type {PlainValue} from '../../workflow-file/workflow.ts'

/** Texts that a text has in the runs of a job, as far as its matrix is written in the workflow. */
export function matrixTexts(text: string, matrix: PlainValue | undefined): readonly string[] {
  if (!isRecord(matrix)) return [text]
  const texts = matrixLegs(matrix).map((leg) =>
    text.replaceAll(/\$\{\{\s*matrix\.([\w-]+)\s*\}\}/g, (whole, name: string) => {
      const value = leg[name]
      const isWritten = typeof value === 'number' || (typeof value === 'string' && !value.includes('${{'))
      return isWritten ? String(value) : whole
    }),
  )
  return texts.length === 0 ? [text] : [...new Set(texts)]
}
