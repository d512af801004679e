import {data, Evaluator, Lexer, Parser} from '@actions/expressions'

/** Contexts of an expression as plain values. */
export type Contexts = Readonly<Record<string, unknown>>

const states = ['success', 'always', 'failure', 'cancelled'] as const

/** Replaces each `${{ }}` by its value, with GitHub's own evaluator. */
export function evaluated(text: string, contexts: Contexts): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => valueOf(expression, contexts).coerceString())
}

/** Evaluates `if:` of a job or a step of a run in which nothing has failed. */
export function condition(text: string | undefined, contexts: Contexts): boolean {
  if (text === undefined) return true
  const inner = /^\s*\$\{\{(.*)\}\}\s*$/s.exec(text)?.[1] ?? text
  return isTrue(valueOf(inner, contexts))
}

function valueOf(expression: string, contexts: Contexts): data.ExpressionData {
  const functions = states.map((name) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(name === 'success' || name === 'always'),
  }))
  const {tokens} = new Lexer(expression).lex()
  const tree = new Parser(tokens, Object.keys(contexts), functions).parse()
  const values = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary
  return new Evaluator(tree, values, new Map(functions.map((one) => [one.name, one]))).evaluate()
}

function isTrue(value: data.ExpressionData): boolean {
  if (value.kind === data.Kind.Boolean) return value.value
  if (value.kind === data.Kind.Null) return false
  return value.coerceString() !== '' && value.coerceString() !== '0'
}
