import {errorMessage} from '../../errors/error.ts'
/** Values of expressions by name: text, or a function of the arguments after the name (`{{date 'YYYY'}}`). */
export type TemplateValues = ReadonlyMap<string, string | ExpressionFunction>

/** Value of an expression with arguments. @throws ArgumentProblem, or another error, for wrong arguments. */
export type ExpressionFunction = (positional: readonly string[], named: ReadonlyMap<string, string>) => string

/** A rendered template. */
export interface Rendered {
  readonly text: string
  /** Names of expressions in the text whose value is empty. */
  readonly emptyNames: readonly string[]
  /** The text with `filler` for each empty value: it shows whether a dangling separator comes from an empty value. */
  readonly filled: string
}

/** Wraps a text without expressions. */
export function literalText(text: string): Rendered {
  return {text, emptyNames: [], filled: text}
}

/** Text for an empty value in `filled`. */
export const filler = 'x'

/** Renders and checks `{{…}}` expressions. */
export interface TemplateEngine {
  /**
   * Checks every expression of a text, also those in a branch that is not taken. Calls functions with the arguments that
   * are literals.
   * @throws TemplateProblem for a syntax error, an unknown name, or bad arguments.
   */
  check(text: string, values: TemplateValues): void
  /** Renders `{{name}}` expressions. @throws TemplateProblem for a syntax error, an unknown name, or bad arguments. */
  render(text: string, values: TemplateValues): Rendered
  /**
   * Formats a time with the tokens of https://momentjs.com/docs/#/displaying/format/, in a time zone of the IANA database.
   * @throws ArgumentProblem for an unknown time zone.
   */
  formatDate(date: Date, format: string, timeZone: string): string
}

/** A template that cannot be rendered; `column` is 1-based in the template and counts line breaks as characters. */
export class TemplateProblem extends Error {
  readonly column: number
  /** The unknown name, if that is the problem: the caller can suggest a similar one. */
  readonly unknownName: string | undefined
  /** Correction for the user; undefined: the caller has one. */
  readonly remedy: string | undefined

  constructor(
    message: string,
    column: number,
    details: {readonly unknownName?: string; readonly remedy?: string} = {},
  ) {
    super(message)
    this.name = 'TemplateProblem'
    this.column = column
    this.unknownName = details.unknownName
    this.remedy = details.remedy
  }
}

/** An unknown argument of an expression. */
export class ArgumentProblem extends Error {
  readonly remedy: string

  constructor(message: string, remedy: string) {
    super(message)
    this.name = 'ArgumentProblem'
    this.remedy = remedy
  }
}

/** `{{name}}`, without the triple braces and the backslash that only the full engine understands. */
const plainName = /(?<![{\\])\{\{ *([a-z_]+(?:\.[a-z_]+)*) *\}\}(?!\})/g

/** Reports whether a text has arguments, blocks or triple braces, which only the full engine can render. */
export function needsFullEngine(text: string): boolean {
  return text.replace(plainName, '').includes('{{')
}

/** Engine for `{{name}}` alone. Most runs need nothing else, and do not load the template library. */
export const plainEngine: TemplateEngine = {
  check(text, values) {
    plainEngine.render(text, values)
  },
  render(text, values) {
    const emptyNames: string[] = []
    const rendered = text.replace(plainName, (_, name: string, offset: number) => {
      const value = plainValue(name, values, offset + 1)
      if (value === '') emptyNames.push(name)
      return value
    })
    const filled = text.replace(plainName, (_, name: string, offset: number) =>
      emptyNames.includes(name) ? filler : plainValue(name, values, offset + 1),
    )
    return {text: rendered, emptyNames, filled}
  },
  formatDate() {
    throw new Error('formatting a date needs the full engine')
  },
}

function plainValue(name: string, values: TemplateValues, column: number): string {
  const value = values.get(name)
  if (value === undefined) throw unknownNameProblem(name, column)
  return typeof value === 'string' ? value : callExpression(value, [], new Map(), column)
}

/** Reports whether an expression of the text contains a name, also as an argument or condition. Comments do not count. */
export function referencesName(text: string, name: string): boolean {
  return new RegExp(`\\{\\{(?!~?!)[^}]{0,1000}\\b${name}\\b`).test(text)
}

/** Reports whether a text contains the expression `{{name}}`. */
export function hasExpression(text: string, name: string): boolean {
  return new RegExp(`\\{\\{[{~]?\\s*${name}\\s*[}~]?\\}\\}`).test(text)
}

export function unknownNameProblem(name: string, column: number): TemplateProblem {
  return new TemplateProblem(`unknown expression "${name}"`, column, {unknownName: name})
}

/** Calls the function of an expression; an error about its arguments gets the column of the expression. */
export function callExpression(
  call: ExpressionFunction,
  positional: readonly string[],
  named: ReadonlyMap<string, string>,
  column: number,
): string {
  try {
    return call(positional, named)
  } catch (error) {
    const remedy = error instanceof ArgumentProblem ? {remedy: error.remedy} : {}
    throw new TemplateProblem(errorMessage(error), column, remedy)
  }
}
