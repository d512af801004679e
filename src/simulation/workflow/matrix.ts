import {evaluateValue, type NotEvaluated} from '../../workflow-file/expressions/evaluate-text.ts'
import type {Contexts} from '../../workflow-file/expressions/evaluate-expression.ts'
import type {PlainValue} from '../../workflow-file/workflow.ts'

/** Values of one run of a job. */
export type Leg = Readonly<Record<string, unknown>>

/** Runs of a job by its matrix, in the order of GitHub. A job without a matrix has one run without values. */
export function legsOf(
  matrix: PlainValue | undefined,
  contexts: Contexts,
): {readonly legs: readonly Leg[]} | NotEvaluated {
  if (matrix === undefined) return {legs: [{}]}
  const evaluated = evaluatePlain(matrix, contexts)
  if (!('value' in evaluated)) return evaluated
  return {legs: isRecord(evaluated.value) ? expand(evaluated.value) : [{}]}
}

function expand({include, exclude, ...axes}: Readonly<Record<string, unknown>>): readonly Leg[] {
  const combined = Object.entries(axes).reduce<readonly Leg[]>(
    (legs, [name, values]) => legs.flatMap((leg) => listOf(values).map((value) => ({...leg, [name]: value}))),
    [{}],
  )
  const excluded = listOf(exclude).filter(isRecord)
  const kept = combined.filter((leg) => !excluded.some((one) => matches(one, leg)))
  return withIncluded(Object.keys(axes).length === 0 ? [] : kept, listOf(include).filter(isRecord), Object.keys(axes))
}

/** Adds the entries of `include`: to each run whose values they do not change, or else as a run of their own. */
function withIncluded(legs: readonly Leg[], included: readonly Leg[], axes: readonly string[]): readonly Leg[] {
  const own: Leg[] = []
  const extended = legs.map((leg) => ({...leg}))
  for (const entry of included) {
    const shared = Object.fromEntries(Object.entries(entry).filter(([name]) => axes.includes(name)))
    const fitting = extended.filter((leg) => matches(shared, leg))
    if (fitting.length === 0) own.push(entry)
    for (const leg of fitting) Object.assign(leg, entry)
  }
  return [...extended, ...own]
}

function matches(part: Leg, leg: Leg): boolean {
  return Object.entries(part).every(([name, value]) => JSON.stringify(leg[name]) === JSON.stringify(value))
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

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null || value === '') return []
  return Array.isArray(value) ? value : [value]
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
