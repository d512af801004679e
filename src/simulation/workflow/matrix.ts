import {evaluateValue, type NotEvaluated} from '../../workflow-file/expressions/evaluate-text.ts'
import type {Scope} from '../../workflow-file/expressions/evaluate-expression.ts'
import {matrixLegs, type Leg} from '../../workflow-file/matrix-legs.ts'
import {isRecord} from '../../workflow-file/record.ts'
import type {PlainValue} from '../../workflow-file/workflow.ts'

/** Runs of a job by its matrix, in the order of GitHub. A job without a matrix has one run without values. */
export function legsOf(matrix: PlainValue | undefined, scope: Scope): {readonly legs: readonly Leg[]} | NotEvaluated {
  if (matrix === undefined) return {legs: [{}]}
  const evaluated = evaluatePlain(matrix, scope)
  if (!('value' in evaluated)) return evaluated
  return {legs: isRecord(evaluated.value) ? matrixLegs(evaluated.value) : [{}]}
}

/** Evaluates the texts in a value. */
function evaluatePlain(value: PlainValue, scope: Scope): {readonly value: unknown} | NotEvaluated {
  if (typeof value === 'string') return evaluateValue(value, scope)
  if (typeof value !== 'object' || value === null) return {value}
  const entries = isList(value) ? [...value.entries()] : Object.entries(value)
  const evaluated: (readonly [string | number, unknown])[] = []
  for (const [key, one] of entries) {
    const result = evaluatePlain(one, scope)
    if (!('value' in result)) return result
    evaluated.push([key, result.value])
  }
  return {value: isList(value) ? evaluated.map(([, one]) => one) : Object.fromEntries(evaluated)}
}

function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value)
}
