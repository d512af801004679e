import {Dictionary} from '@actions/expressions/data/dictionary'
import {BooleanData} from '@actions/expressions/data/boolean'
import type {Expr} from '@actions/expressions/ast'
import type {ExpressionData} from '@actions/expressions/data/expressiondata'
import type {FunctionDefinition} from '@actions/expressions/funcs/info'
import {Lexer} from '@actions/expressions/lexer'
import {Parser} from '@actions/expressions/parser'
import {dataOf, UnknownData} from './partial-data.ts'
import {PartialEvaluator} from './partial-evaluator.ts'

/** Values of the contexts by name: plain values, with `OpenContext` and `UnknownValue` for what is not known. */
export type Contexts = Readonly<Record<string, unknown>>

/** Status that is not known before a run, with the names of the values that decide about it. */
interface OpenStatus {
  readonly unknown: readonly string[]
  /** Whether something before was skipped, so that `success()` is false in any case. */
  readonly isSkipped: boolean
}

/**
 * Status of the steps or jobs before, for the functions of `if`. After a skipped job, neither `success()` nor `failure()`
 * is true.
 */
export type JobStatus = 'success' | 'failure' | 'cancelled' | 'skipped' | OpenStatus

/** Error of an expression. */
export class ExpressionProblem extends Error {}

/** Contexts that expressions of workflows can name. */
const contextNames = [
  ...['github', 'env', 'vars', 'job', 'jobs', 'steps', 'runner', 'secrets', 'strategy', 'matrix', 'needs', 'inputs'],
]

/** Functions that only some keys of a workflow can call. */
const specialFunctions = ['always', 'cancelled', 'success', 'failure', 'hashFiles'] as const

type SpecialFunction = (typeof specialFunctions)[number]

/** Contexts and functions of a key of a workflow. */
export interface Scope {
  readonly contexts: Contexts
  readonly functions: readonly SpecialFunction[]
}

const statusFunctions = specialFunctions.filter((name) => name !== 'hashFiles')

const parsed = new Map<string, Expr>()
const maxParsed = 500

/** Evaluates an expression without its `${{ }}`. @throws ExpressionProblem if it is not valid. */
export function evaluateExpression(text: string, scope: Scope, status: JobStatus): ExpressionData {
  const expression = parseIn(text, scope)
  try {
    return new PartialEvaluator(expression, dataOfContexts(scope.contexts), functionsFor(status)).evaluate()
  } catch (error) {
    throw new ExpressionProblem(messageOf(error))
  }
}

/** Checks an expression that is not evaluated. @throws ExpressionProblem if it is not valid. */
export function checkExpression(text: string, scope: Scope): void {
  parseIn(text, scope)
}

function parseIn(text: string, {contexts, functions}: Scope): Expr {
  if (text.trim() === '') throw new ExpressionProblem('the expression is empty')
  return parse(text, {names: Object.keys(contexts), functions})
}

/** Reports whether an expression calls a function that asks for the status of the job. */
export function asksForStatus(text: string): boolean {
  const pattern = new RegExp(`\\b(?:${statusFunctions.join('|')})\\s*\\(`, 'i')
  return pattern.test(text.replaceAll(/'(?:[^']|'')*'/g, "''"))
}

/** Names that an expression can use. */
interface Names {
  readonly names: readonly string[]
  readonly functions: readonly SpecialFunction[]
}

/** Parses an expression that can use these contexts and functions. @throws ExpressionProblem */
function parse(text: string, available: Names): Expr {
  const {names, functions} = available
  const key = `${names.join(' ')}\n${functions.join(' ')}\n${text}`
  const known = parsed.get(key)
  if (known !== undefined) return known
  try {
    const expression = parseWith(text, available)
    if (parsed.size >= maxParsed) parsed.clear()
    parsed.set(key, expression)
    return expression
  } catch (error) {
    throw new ExpressionProblem(`${messageOf(error)}${hintFor(text, available)}`)
  }
}

function parseWith(text: string, {names, functions}: Names): Expr {
  const {tokens} = new Lexer(text).lex()
  const infos = functions.map((name) => ({name, minArgs: name === 'hashFiles' ? 1 : 0, maxArgs: 255}))
  return new Parser(tokens, [...names], infos).parse()
}

/** Names that the key has, for an expression that is valid in another key. */
function hintFor(text: string, {names, functions}: Names): string {
  if (isValid(text, {names: contextNames, functions})) return `. The contexts of this key are ${names.join(', ')}`
  if (!isValid(text, {names: contextNames, functions: specialFunctions})) return ''
  const special = `the functions ${specialFunctions.join(', ')}`
  return functions.length === 0
    ? `. This key has none of ${special}`
    : `. Of ${special}, this key has only ${functions.join(', ')}`
}

function isValid(text: string, available: Names): boolean {
  try {
    parseWith(text, available)
    return true
  } catch {
    return false
  }
}

/** Message of the parser, which names the wrong part: `Unrecognized named-value: 'gitub'`. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}`
}

const converted = new WeakMap<Contexts, Dictionary>()

/** Contexts as data. They are converted once, since a workflow has many expressions. */
function dataOfContexts(contexts: Contexts): Dictionary {
  const known = converted.get(contexts)
  if (known !== undefined) return known
  const all = new Dictionary()
  for (const [name, value] of Object.entries(contexts)) all.add(name, dataOf(value, name))
  converted.set(contexts, all)
  return all
}

function functionsFor(status: JobStatus): Map<string, FunctionDefinition> {
  const returning = (name: string, call: () => ExpressionData): readonly [string, FunctionDefinition] => [
    name.toLowerCase(),
    {name, minArgs: 0, maxArgs: 255, call},
  ]
  return new Map([
    returning('always', () => new BooleanData(true)),
    ...(['success', 'failure', 'cancelled'] as const).map((name) => returning(name, () => statusData(name, status))),
    returning('hashFiles', () => new UnknownData(['hashFiles()'])),
  ])
}

function statusData(name: 'success' | 'failure' | 'cancelled', status: JobStatus): ExpressionData {
  if (typeof status === 'string') return new BooleanData(status === name)
  const isFalse = name === 'cancelled' || (name === 'success' && status.isSkipped)
  return isFalse ? new BooleanData(false) : new UnknownData(status.unknown)
}
