import {hasExpressionOf} from '../../tags/templates/build-arguments.ts'
import {anyImageValues} from '../../tags/templates/image-values.ts'
import {plainEngine} from '../../tags/templates/template.ts'

/** Inputs of a build whose lines may contain expressions of Tagboat. */
export type TextName = 'labels' | 'annotations' | 'build-args'

/** Expressions that Tagboat reads in labels, annotations and build arguments. */
const known = anyImageValues(plainEngine)

/**
 * Line of an input of docker/build-push-action whose braces are text, with a backslash before those that Tagboat would
 * read as an expression. Expressions of GitHub stay as they are.
 */
export function withLiteralBraces(line: string, name: TextName): string {
  if (line.trimStart().startsWith('#')) return line
  const pieces = line.split(/(\$\{\{.*?\}\})/)
  const isText = (at: number): boolean => at % 2 === 0
  const text = pieces.filter((_, at) => isText(at)).join('')
  // Other braces of a build argument belong to the build.
  if (name === 'build-args' && !hasExpressionOf(text, known)) return line
  return pieces.map((piece, at) => (isText(at) ? piece.replaceAll(/\{+/g, escaped) : piece)).join('')
}

function escaped(braces: string): string {
  return braces.length < 2 ? braces : `${braces.slice(0, -2)}\\{{`
}
