import {evaluateValue, type NotEvaluated} from '../../workflow-file/expressions/evaluate-text.ts'
import type {Scope} from '../../workflow-file/expressions/evaluate-expression.ts'
import {matrixLegs, matrixProblem, type Leg} from '../../workflow-file/matrix-legs.ts'
import {isRecord} from '../../workflow-file/record.ts'
import type {PlainValue} from '../../workflow-file/workflow.ts'

type Legs = {readonly legs: readonly Leg[]} | {readonly problem: string} | Extract<NotEvaluated, {unknown: unknown}>

/** Runs of a job by its matrix, in the order of GitHub. A job without a matrix has one run without values. */
export function legsOf(matrix: PlainValue | undefined, scope: Scope): Legs {
  if (matrix === undefined) return {legs: [{}]}
  const evaluated = evaluatePlain(matrix, scope)
  if (!('value' in evaluated)) return evaluated
  if (!isRecord(evaluated.value)) return {legs: [{}]}
  const problem = matrixProblem(evaluated.value)
  return problem === undefined ? {legs: matrixLegs(evaluated.value)} : {problem}
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
