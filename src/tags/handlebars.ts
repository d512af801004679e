import Handlebars from 'handlebars'
import moment from 'moment-timezone'
import {
  callExpression,
  TemplateProblem,
  unknownNameProblem,
  type TemplateEngine,
  type TemplateValues,
} from './template.ts'

/**
 * The full template language, as docker/metadata-action documents it for tags, labels and annotations
 * (https://handlebarsjs.com/guide/expressions.html). Loaded only when a text needs more than `{{name}}`.
 */
export const handlebarsEngine: TemplateEngine = {
  render(text, values) {
    const emptyNames: string[] = []
    checkNames(parse(text), values)
    return {text: run(text, values, emptyNames), emptyNames}
  },
  formatDate(date, format, timeZone) {
    if (moment.tz.zone(timeZone) === null)
      throw new Error(`unknown time zone "${timeZone}"; use a name such as Europe/Berlin`)
    return moment.tz(date, timeZone).format(format)
  },
}

/** Names that are part of Handlebars itself: of a block (`{{#if tag}}`), never of an expression by itself. */
const builtIns = new Set(['if', 'unless', 'else', 'this'])

function parse(text: string): hbs.AST.Program {
  try {
    return Handlebars.parse(text)
  } catch (error) {
    throw syntaxProblem(error)
  }
}

/** Handlebars prints the text and an arrow; its last line says what it expected, which is the part that helps. */
function syntaxProblem(error: unknown): TemplateProblem {
  const message = error instanceof Error ? error.message : String(error)
  const arrow = message.split('\n').find((line) => /^-*\^$/.test(line))
  const expected = /Expecting .*$/m.exec(message)?.[0].toLowerCase() ?? message.split('\n')[0] ?? message
  return new TemplateProblem(`the expression does not parse (${expected})`, arrow?.length ?? 1)
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
        const result = callExpression(value, positional, namedArguments(options), columnOf(options))
        if (result === '') emptyNames.push(name)
        return result
      })
    }
  }
  // Tags, labels and annotations are no HTML: `&` in a branch name stays `&`.
  try {
    return runtime.compile(text, {noEscape: true})(data)
  } catch (error) {
    // What Handlebars itself finds wrong, such as `{{#if}}` without a condition.
    throw error instanceof TemplateProblem ? error : syntaxProblem(error)
  }
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`\\{\\{[^}]*\\b${name}\\b`).test(text)
}

function namedArguments(options: unknown): ReadonlyMap<string, string> {
  if (!isRecord(options) || !isRecord(options['hash'])) return new Map()
  return new Map(Object.entries(options['hash']).map(([name, value]) => [name, String(value)]))
}

function columnOf(options: unknown): number {
  const location = isRecord(options) ? options['loc'] : undefined
  const start = isRecord(location) ? location['start'] : undefined
  const column = isRecord(start) ? start['column'] : undefined
  return typeof column === 'number' ? column + 1 : 1
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Walks the whole tree, so that a typo in a branch that is not taken is found too. */
function checkNames(node: unknown, values: TemplateValues): void {
  if (Array.isArray(node)) {
    for (const child of node) checkNames(child, values)
    return
  }
  if (!isRecord(node)) return
  if (node['type'] === 'MustacheStatement') checkExpression(node['path'])
  if (node['type'] === 'PathExpression') checkPath(node, values)
  for (const [key, child] of Object.entries(node)) {
    if (key !== 'loc') checkNames(child, values)
  }
}

function checkExpression(path: unknown): void {
  const name = isRecord(path) ? String(path['original']) : ''
  if (builtIns.has(name)) throw unknownNameProblem(name, columnOf(path))
}

function checkPath(node: Record<string, unknown>, values: TemplateValues): void {
  const name = String(node['original'])
  if (!values.has(name) && !builtIns.has(name)) throw unknownNameProblem(name, columnOf(node))
}
