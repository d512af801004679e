import {
  IndexAccess,
  Star,
  type Binary,
  type ContextAccess,
  type Expr,
  type FunctionCall,
  type Logical,
  type Unary,
} from '@actions/expressions/ast'
import type {Dictionary, ExpressionData} from '@actions/expressions/data/index'
import {StringData} from '@actions/expressions/data/string'
import {Evaluator} from '@actions/expressions/evaluator'
import type {FunctionDefinition} from '@actions/expressions/funcs/info'
import {TokenType} from '@actions/expressions/lexer'
import {truthy} from '@actions/expressions/result'
import {OpenData, UnknownData, unknownIn} from './partial-data.ts'
import {secretsIn} from './secret-text.ts'

/**
 * Evaluator of GitHub's expressions over contexts that are known in part. A value that depends on an unknown one is
 * unknown, unless the known part decides: `github.ref == 'x' && steps.y.outputs.z` is known if the comparison is false.
 */
export class PartialEvaluator extends Evaluator {
  readonly #contexts: Dictionary
  /** Values of the nodes: an operand is asked for here and by the base class, and nested ones would be so again. */
  readonly #values = new Map<Expr, ExpressionData>()

  constructor(expression: Expr, contexts: Dictionary, functions: Map<string, FunctionDefinition>) {
    super(expression, contexts, functions)
    this.#contexts = contexts
  }

  override eval(node: Expr): ExpressionData {
    const value = this.#values.get(node) ?? super.eval(node)
    this.#values.set(node, value)
    return value
  }

  override visitContextAccess(access: ContextAccess): ExpressionData {
    const name = access.name.lexeme
    return this.#contexts.get(name) ?? new UnknownData([name])
  }

  override visitUnary(unary: Unary): ExpressionData {
    const value = this.eval(unary.expr)
    if (!(value instanceof UnknownData)) return super.visitUnary(unary)
    return new UnknownData(value.names, value.truth === undefined ? undefined : !value.truth)
  }

  override visitBinary(binary: Binary): ExpressionData {
    const sides = [binary.left, binary.right].map((side) => this.eval(side))
    // A secret that exists is not empty. Nothing else is known about its text.
    const isCompared = !sides.some((side) => side instanceof StringData && side.value === '')
    const names = sides.flatMap((side) => [
      ...(side instanceof UnknownData ? side.names : []),
      ...(isCompared ? secretsOf(side) : []),
    ])
    return names.length > 0 ? new UnknownData(names) : super.visitBinary(binary)
  }

  /** Value of `&&` or `||`: that of the first argument that decides, or else of the last one. */
  override visitLogical({operator, args}: Logical): ExpressionData {
    const deciding = operator.type === TokenType.OR
    // Names of arguments that may decide. With any, only the truth of the whole can be known.
    const names: string[] = []
    for (const [index, arg] of args.entries()) {
      const value = this.eval(arg)
      const truth = truthOf(value)
      if (truth === undefined) names.push(...unknownIn(value))
      if (truth !== deciding && index < args.length - 1) continue
      if (names.length > 0)
        return new UnknownData([...names, ...unknownIn(value)], truth === deciding ? truth : undefined)
      return value
    }
    return new UnknownData(names)
  }

  override visitIndexAccess(access: IndexAccess): ExpressionData {
    const object = this.eval(access.expr)
    if (object instanceof UnknownData) {
      const part = this.#hasName(access.expr) ? suffix(access) : ''
      return new UnknownData(object.names.map((name) => `${name}${part}`))
    }
    if (access.index instanceof Star) {
      const names = unknownIn(object)
      return names.length > 0 ? new UnknownData(names) : super.visitIndexAccess(access)
    }
    const index = this.eval(access.index)
    if (index instanceof UnknownData) return new UnknownData(index.names)
    return object instanceof OpenData ? object.get(index.coerceString()) : super.visitIndexAccess(access)
  }

  /**
   * Reports whether the parts of an unknown value have names. Those of the result of a function, of a matrix that is not
   * known and of a list do not.
   */
  #hasName(expression: Expr): boolean {
    if (!(expression instanceof IndexAccess) || expression.index instanceof Star) return false
    if (!(this.eval(expression.expr) instanceof UnknownData)) return true
    return suffix(expression) !== '' && this.#hasName(expression.expr)
  }

  override visitFunctionCall(call: FunctionCall): ExpressionData {
    const reads = readingFunctions.has(call.functionName.lexeme.toLowerCase())
    const names = call.args.flatMap((arg) => {
      const value = this.eval(arg)
      return [...unknownIn(value), ...(reads ? secretsOf(value) : [])]
    })
    return names.length > 0 ? new UnknownData(names) : super.visitFunctionCall(call)
  }
}

/** Functions whose result depends on the text of an argument. Others put the text into their result. */
const readingFunctions: ReadonlySet<string> = new Set(['contains', 'startswith', 'endswith', 'fromjson'])

/** Names of the secrets in a text of which only that it is not empty is known. */
function secretsOf(value: ExpressionData): readonly string[] {
  return value instanceof StringData ? secretsIn(value.value) : []
}

/** Whether a value counts as true; undefined if it is not known. */
export function truthOf(value: ExpressionData): boolean | undefined {
  return value instanceof UnknownData ? value.truth : truthy(value)
}

/** Part of the name that an index adds: `.outputs` for a text that is written in the expression. */
function suffix({index}: IndexAccess): string {
  const literal: unknown = 'literal' in index ? index.literal : undefined
  return literal instanceof StringData ? `.${literal.value}` : ''
}
