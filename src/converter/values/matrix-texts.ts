import {matrixLegs} from '../../workflow-file/matrix-legs.ts'
import {isRecord} from '../../workflow-file/record.ts'
import type {PlainValue} from '../../workflow-file/workflow.ts'
import type {JobModel} from '../job-model.ts'

/** Texts that a text has in the runs of a job, as far as its matrix is written in the workflow. */
function matrixTexts(text: string, matrix: PlainValue | undefined): readonly string[] {
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

/** Texts that a text has in the runs of a job, as far as its matrix and the options of its inputs are written. */
export function possibleTexts(text: string, {job, workflow: {on}}: JobModel): readonly string[] {
  // A call gives any text.
  const inputs = on.has('workflow_call') ? undefined : on.get('workflow_dispatch')?.inputs
  let texts = matrixTexts(text, job.matrix)
  for (const [name, {type, options}] of inputs ?? []) {
    const values = type === 'boolean' ? ['true', 'false'] : options
    const read = new RegExp(
      `\\$\\{\\{\\s*(?:github\\.event\\.)?inputs\\.${name.replaceAll(/[^\w-]/g, '')}\\s*\\}\\}`,
      'g',
    )
    if ((type === 'choice' || type === 'boolean') && values.length > 0)
      texts = texts.flatMap((one) =>
        one.search(read) === -1 ? [one] : values.map((value) => one.replaceAll(read, () => value)),
      )
  }
  return [...new Set(texts)]
}
