/** Values that an expression may name: text, or a function of the arguments written after the name (`{{date 'YYYY'}}`). */
export type TemplateValues = ReadonlyMap<string, string | ExpressionFunction>

/** @throws TemplateProblem when the arguments are wrong. */
export type ExpressionFunction = (positional: readonly string[], named: ReadonlyMap<string, string>) => string

export interface Rendered {
  readonly text: string
  /** Names that are known here but had nothing to say where the text names them: it may look odd without them. */
  readonly emptyNames: readonly string[]
  /** The text with a letter in the place of each empty name: what odd it has besides is not their doing. */
  readonly filled: string
}

/** A text without expressions. */
export function literalText(text: string): Rendered {
  return {text, emptyNames: [], filled: text}
}

/** What stands for an empty name in `filled`. */
export const filling = 'x'

export interface TemplateEngine {
  /**
   * Looks at every expression of a text, also at those that rendering would leave out. The functions among the values are
   * called with the arguments that are written out.
   * @throws TemplateProblem for a syntax error, an unknown name, or bad arguments.
   */
  check(text: string, values: TemplateValues): void
  /** Renders `{{name}}` expressions. @throws TemplateProblem for a syntax error, an unknown name, or bad arguments. */
  render(text: string, values: TemplateValues): Rendered
  /**
   * A moment in the tokens of https://momentjs.com/docs/#/displaying/format/, in a time zone of the IANA database.
   * @throws ArgumentProblem for an unknown time zone.
   */
  formatDate(date: Date, format: string, timeZone: string): string
}

/** A template that cannot be rendered; `column` is 1-based in the template, whose line breaks count as characters. */
export class TemplateProblem extends Error {
  readonly column: number
  /** The unknown name, where that is the problem: the caller knows which names to suggest. */
  readonly unknownName: string | undefined
  /** What to write instead, where it is known here. */
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

/** An argument of an expression that is not known. */
export class ArgumentProblem extends Error {
  readonly remedy: string

  constructor(message: string, remedy: string) {
    super(message)
    this.name = 'ArgumentProblem'
    this.remedy = remedy
  }
}

/** Triple braces and a backslash before the braces have a meaning of their own, which is the full engine's. */
const plainName = /(?<![{\\])\{\{ *([a-z_]+) *\}\}(?!\})/g

/** Whether this text holds more than `{{name}}`: arguments, blocks, triple braces. Such texts need the full engine. */
export function needsFullEngine(text: string): boolean {
  return text.replace(plainName, '').includes('{{')
}

/** Renders texts that hold nothing but `{{name}}`: the common case, for which no template library has to be loaded. */
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
      emptyNames.includes(name) ? filling : plainValue(name, values, offset + 1),
    )
    return {text: rendered, emptyNames, filled}
  },
  formatDate() {
    throw new Error('a date has arguments, and so needs the full engine')
  },
}

function plainValue(name: string, values: TemplateValues, column: number): string {
  const value = values.get(name)
  if (value === undefined) throw unknownNameProblem(name, column)
  return typeof value === 'string' ? value : callExpression(value, [], new Map(), column)
}

/** Whether an expression of this text may name it, be it as an argument or condition; a comment names nothing. */
export function mentions(text: string, name: string): boolean {
  return new RegExp(`\\{\\{(?!~?!)[^}]{0,1000}\\b${name}\\b`).test(text)
}

/** Whether this text holds the value of a name that takes no arguments. */
export function says(text: string, name: string): boolean {
  return new RegExp(`\\{\\{[{~]?\\s*${name}\\s*[}~]?\\}\\}`).test(text)
}

export function unknownNameProblem(name: string, column: number): TemplateProblem {
  return new TemplateProblem(`unknown expression "${name}"`, column, {unknownName: name})
}

/** Calls an expression's function; what it finds wrong with its arguments gets the position of the expression. */
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
    throw new TemplateProblem(error instanceof Error ? error.message : String(error), column, remedy)
  }
}
