import type {ExpressionData} from '@actions/expressions/data/expressiondata'
import {
  asksForStatus,
  checkExpression,
  evaluateExpression,
  ExpressionProblem,
  type JobStatus,
  type Scope,
} from './evaluate-expression.ts'
import {plainOf, unknownIn} from './partial-data.ts'
import {truthOf} from './partial-evaluator.ts'

/** Reason why a value is not known, or not valid. */
export type NotEvaluated =
  /** Names of the values that only a run can give. */
  | {readonly unknown: readonly string[]}
  /** Message about an expression that is not valid, and its offset in the text. */
  | {readonly problem: string; readonly offset: number}

/** Text with its expressions replaced. */
export type EvaluatedText = {readonly value: string} | NotEvaluated

/** Result of a condition. */
export type EvaluatedCondition = {readonly holds: boolean} | NotEvaluated

/** Part of a text: literal, or an expression without its braces. */
interface Part {
  readonly offset: number
  readonly literal?: string
  readonly expression?: string
}

/** Evaluates the expressions `${{ }}` of a text, such as an input or a variable. */
export function evaluateText(text: string, scope: Scope, status: JobStatus = 'success'): EvaluatedText {
  if (!text.includes('${{')) return {value: text}
  const found = evaluateParts(text, scope, status)
  if (!('values' in found)) return found
  const unknown = found.values.flatMap((value) => (typeof value === 'string' ? [] : unknownIn(value)))
  if (unknown.length > 0) return {unknown: [...new Set(unknown)]}
  return {value: found.values.map((value) => (typeof value === 'string' ? value : value.coerceString())).join('')}
}

/** Evaluates a text that is one expression to its value, such as a list. Any other text is its own value. */
export function evaluateValue(text: string, scope: Scope): {readonly value: unknown} | NotEvaluated {
  const parts = partsOf(text)
  if ('problem' in parts) return parts
  const [only] = parts
  if (parts.length !== 1 || only?.expression === undefined) return evaluateText(text, scope)
  const found = evaluateParts(text, scope, 'success')
  if (!('values' in found)) return found
  const [value] = found.values
  if (value === undefined || typeof value === 'string') return {value}
  const unknown = unknownIn(value)
  return unknown.length > 0 ? {unknown} : {value: plainOf(value)}
}

/**
 * Evaluates a condition (`if`). Its braces are optional. A condition without a status function also requires that no step
 * before has failed.
 */
export function evaluateCondition(text: string, scope: Scope, status: JobStatus = 'success'): EvaluatedCondition {
  const parts = partsOf(text)
  if ('problem' in parts) return parts
  const written = parts.filter(({literal}) => literal?.trim() !== '')
  const [only] = written
  if (only === undefined) return ifSuccess(status, {holds: true})
  const whole = written.length === 1 ? (only.expression ?? text) : undefined
  // GitHub refuses a file with an expression that is not valid, also if nothing evaluates it.
  const invalid = invalidPart(whole === undefined ? written : [{...only, expression: whole}], scope)
  if (invalid !== undefined) return invalid
  const hasStatus =
    whole === undefined ? written.some(({expression}) => asksForStatus(expression ?? '')) : asksForStatus(whole)
  if (!hasStatus && (typeof status === 'string' ? status !== 'success' : status.isSkipped)) return {holds: false}
  const evaluate = (): EvaluatedCondition => {
    // With other text around an expression, the condition is a text, which counts as true.
    if (whole === undefined) return textCondition(text, scope, status)
    try {
      const value = evaluateExpression(whole.trim(), scope, status)
      const holds = truthOf(value)
      return holds === undefined ? {unknown: unknownIn(value)} : {holds}
    } catch (error) {
      return problemOf(error, only.offset)
    }
  }
  return hasStatus ? evaluate() : ifSuccess(status, evaluate())
}

function invalidPart(parts: readonly Part[], scope: Scope): Extract<NotEvaluated, {problem: string}> | undefined {
  for (const {expression, offset} of parts) {
    try {
      if (expression !== undefined) checkExpression(expression.trim(), scope)
    } catch (error) {
      return problemOf(error, offset)
    }
  }
  return undefined
}

/** Condition that also requires that everything before has succeeded. */
function ifSuccess(status: JobStatus, condition: EvaluatedCondition): EvaluatedCondition {
  if ('problem' in condition || status === 'success' || ('holds' in condition && !condition.holds)) return condition
  if (typeof status === 'string' || status.isSkipped) return {holds: false}
  return {unknown: [...new Set([...status.unknown, ...('unknown' in condition ? condition.unknown : [])])]}
}

function textCondition(text: string, scope: Scope, status: JobStatus): EvaluatedCondition {
  const evaluated = evaluateText(text, scope, status)
  return 'value' in evaluated ? {holds: evaluated.value !== ''} : evaluated
}

function evaluateParts(
  text: string,
  scope: Scope,
  status: JobStatus,
): {readonly values: readonly (string | ExpressionData)[]} | Extract<NotEvaluated, {problem: string}> {
  const parts = partsOf(text)
  if ('problem' in parts) return parts
  const values: (string | ExpressionData)[] = []
  for (const {literal = '', expression, offset} of parts) {
    try {
      values.push(expression === undefined ? literal : evaluateExpression(expression.trim(), scope, status))
    } catch (error) {
      return problemOf(error, offset)
    }
  }
  return {values}
}

function problemOf(error: unknown, offset: number): Extract<NotEvaluated, {problem: string}> {
  if (error instanceof ExpressionProblem) return {problem: error.message, offset}
  throw error
}

/** Splits a text at its expressions. `}}` in a text of the expression does not end it. */
function partsOf(text: string): readonly Part[] | Extract<NotEvaluated, {problem: string}> {
  const parts: Part[] = []
  let at = 0
  for (;;) {
    const start = text.indexOf('${{', at)
    const literal = text.slice(at, start < 0 ? undefined : start)
    if (literal !== '') parts.push({literal, offset: at})
    if (start < 0) return parts
    const end = endOf(text, start + 3)
    if (end === undefined) return {problem: '`${{` has no `}}`', offset: start}
    parts.push({expression: text.slice(start + 3, end), offset: start})
    at = end + 2
  }
}

function endOf(text: string, from: number): number | undefined {
  let isQuoted = false
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "'") isQuoted = !isQuoted
    else if (!isQuoted && text.startsWith('}}', at)) return at
  }
  return undefined
}
