import type {AttributeProblem} from './match.ts'

/**
 * The `pattern` of `type=semver`, `type=pep440` and `type=file`. No tag holds a brace or a quote, so that one outside of
 * an expression is a slip: `{version}`, `'{{version}}'`. What stands in the expressions is looked at by the engine.
 */
export function parseVersionPattern(text: string): {readonly ok: true; readonly pattern: string} | AttributeProblem {
  if (text === '') return {ok: false, column: 1, reason: 'the pattern is empty', remedy: versionPatternRemedy}
  const literal = text.replace(/\{\{\{.{0,300}?\}\}\}|\{\{.{0,300}?\}\}/gs, (expression) =>
    ' '.repeat(expression.length),
  )
  const at = literal.search(/[{}'"]/)
  // An expression that is not closed is told by the engine.
  if (at === -1 || literal.includes('{{')) return {ok: true, pattern: text}
  const reason = `${literal.charAt(at)} stands outside of an expression`
  return {
    ok: false,
    column: at + 1,
    reason,
    remedy: 'Write {{version}}: two braces on each side, and no quotes around it.',
  }
}

export const versionPatternRemedy = 'Write a pattern, such as pattern={{version}} or pattern={{major}}.{{minor}}.'
