import Handlebars from 'handlebars'
import moment from 'moment-timezone'
import {timeZoneRemedy} from './calendar-date.ts'
import {checkTree, columnAt} from './handlebars-check.ts'
import {
  ArgumentProblem,
  callExpression,
  mentions,
  TemplateProblem,
  type TemplateEngine,
  type TemplateValues,
} from './template.ts'
import {explainSyntax} from './template-syntax.ts'

/**
 * The full template language, as docker/metadata-action documents it for tags, labels and annotations
 * (https://handlebarsjs.com/guide/expressions.html). Loaded only when a text needs more than `{{name}}`.
 */
export const handlebarsEngine: TemplateEngine = {
  check(text, values) {
    checkTree(parse(text), text, values)
  },
  render(text, values) {
    const emptyNames: string[] = []
    handlebarsEngine.check(text, values)
    return {text: run(text, values, emptyNames), emptyNames}
  },
  formatDate(date, format, timeZone) {
    if (moment.tz.zone(timeZone) === null)
      throw new ArgumentProblem(`unknown time zone "${timeZone}"`, timeZoneRemedy(timeZone))
    return moment.tz(date, timeZone).format(format)
  },
}

/** The parser's own message names its tokens, which say nothing to who wrote the text. */
function parse(text: string): hbs.AST.Program {
  try {
    return Handlebars.parse(text)
  } catch {
    const {reason, column} = explainSyntax(text, parses)
    throw new TemplateProblem(reason, column)
  }
}

function parses(text: string): boolean {
  try {
    Handlebars.parse(text)
    return true
  } catch {
    return false
  }
}

function run(text: string, values: TemplateValues, emptyNames: string[]): string {
  const runtime = Handlebars.create()
  const data: Record<string, string> = {}
  for (const [name, value] of values) {
    if (typeof value === 'string') {
      data[name] = value
      if (value === '' && mentions(text, name)) emptyNames.push(name)
    } else {
      runtime.registerHelper(name, (...given: readonly unknown[]) => {
        const options = given.at(-1)
        const positional = given.slice(0, -1).map(String)
        const result = callExpression(value, positional, namedArguments(options), columnAt(options, text))
        if (result === '') emptyNames.push(name)
        return result
      })
    }
  }
  // Tags, labels and annotations are no HTML: `&` in a branch name stays `&`.
  try {
    return runtime.compile(text, {noEscape: true})(data)
  } catch (error) {
    throw error instanceof TemplateProblem ? error : new TemplateProblem('the text cannot be rendered', 1)
  }
}

function namedArguments(options: unknown): ReadonlyMap<string, string> {
  if (!isRecord(options) || !isRecord(options['hash'])) return new Map()
  return new Map(Object.entries(options['hash']).map(([name, value]) => [name, String(value)]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
