import {evaluateValue, type NotEvaluated} from '../../workflow-file/expressions/evaluate-text.ts'
import type {Contexts} from '../../workflow-file/expressions/evaluate-expression.ts'
import {matrixLegs, type Leg} from '../../workflow-file/matrix-legs.ts'
import {isRecord} from '../../workflow-file/record.ts'
import type {PlainValue} from '../../workflow-file/workflow.ts'

/** Runs of a job by its matrix, in the order of GitHub. A job without a matrix has one run without values. */
export function legsOf(
  matrix: PlainValue | undefined,
  contexts: Contexts,
): {readonly legs: readonly Leg[]} | NotEvaluated {
  if (matrix === undefined) return {legs: [{}]}
  const evaluated = evaluatePlain(matrix, contexts)
  if (!('value' in evaluated)) return evaluated
  return {legs: isRecord(evaluated.value) ? matrixLegs(evaluated.value) : [{}]}
}

/** Evaluates the texts in a value. */
function evaluatePlain(value: PlainValue, contexts: Contexts): {readonly value: unknown} | NotEvaluated {
  if (typeof value === 'string') return evaluateValue(value, contexts)
  if (typeof value !== 'object' || value === null) return {value}
  const entries = isList(value) ? [...value.entries()] : Object.entries(value)
  const evaluated: (readonly [string | number, unknown])[] = []
  for (const [key, one] of entries) {
    const result = evaluatePlain(one, contexts)
    if (!('value' in result)) return result
    evaluated.push([key, result.value])
  }
  return {value: isList(value) ? evaluated.map(([, one]) => one) : Object.fromEntries(evaluated)}
}

function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value)
}
