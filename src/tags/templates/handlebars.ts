import Handlebars from 'handlebars'
import moment from 'moment-timezone'
import {timeZoneRemedy} from '../versions/calendar-date.ts'
import {checkTree, columnAt} from './handlebars-check.ts'
import {
  ArgumentProblem,
  callExpression,
  filling,
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
    handlebarsEngine.check(text, values)
    const emptyNames: string[] = []
    const rendered = run(text, values, (name) => {
      emptyNames.push(name)
      return ''
    })
    const filled = emptyNames.length === 0 ? rendered : run(text, values, () => filling)
    return {text: rendered, emptyNames, filled}
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

/** `onEmpty` says what stands for a name that has nothing to say where the text shows it. */
function run(text: string, values: TemplateValues, onEmpty: (name: string) => string): string {
  const runtime = Handlebars.create()
  runtime.registerHelper(sayHelper, (name: unknown, value: unknown) => (value === '' ? onEmpty(String(name)) : value))
  const data: Record<string, string> = {}
  for (const [name, value] of values) {
    if (typeof value === 'string') {
      data[name] = value
    } else {
      runtime.registerHelper(name, (...given: readonly unknown[]) => {
        const options = given.at(-1)
        const positional = given.slice(0, -1).map(String)
        return callExpression(value, positional, namedArguments(options), columnAt(options, text))
      })
    }
  }
  // Tags, labels and annotations are no HTML: `&` in a branch name stays `&`. Lines were looked at by the first parse.
  try {
    return runtime.compile(markShown(text, values), {noEscape: true, ignoreStandalone: true})(data)
  } catch (error) {
    throw error instanceof TemplateProblem ? error : new TemplateProblem('the text cannot be rendered', 1)
  }
}

/** No name of an expression holds a blank. */
const sayHelper = 'say '

/** The tree of a text in which `{{name}}` is `{{say 'name' name}}`: a name in a condition or argument is not shown. */
function markShown(text: string, values: TemplateValues): hbs.AST.Program {
  const tree = parse(text)
  new ShownNames(values).accept(tree)
  return tree
}

class ShownNames extends Handlebars.Visitor {
  readonly #values: TemplateValues

  constructor(values: TemplateValues) {
    super()
    this.#values = values
  }

  /** What a condition leaves out for want of a name counts as that name. */
  override BlockStatement(block: hbs.AST.BlockStatement): void {
    super.BlockStatement(block)
    const {path, params, loc} = block
    const [condition] = params
    if (hasElse(block) || path.original !== 'if' || condition === undefined) return
    const name = 'original' in condition ? String(condition.original) : ''
    if (!this.#values.has(name)) return
    const shown: hbs.AST.MustacheStatement = {
      type: 'MustacheStatement',
      path: {type: 'PathExpression', data: false, depth: 0, parts: [sayHelper], original: sayHelper, loc},
      params: [literal(name, loc), literal('', loc)],
      hash: {type: 'Hash', pairs: [], loc},
      escaped: false,
      strip: noStrip,
      loc,
    }
    block.inverse = {type: 'Program', body: [shown], blockParams: [], loc}
    block.inverseStrip = noStrip
  }

  override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
    const {path, params, hash, loc} = statement
    if (!('original' in path) || !('parts' in path)) return
    const name = path.original
    const call: hbs.AST.SubExpression = {type: 'SubExpression', path, params, hash, loc}
    statement.path = {...path, parts: [sayHelper], original: sayHelper}
    statement.params = [literal(name, loc), typeof this.#values.get(name) === 'function' ? call : path]
    statement.hash = {type: 'Hash', pairs: [], loc}
  }
}

/** The library's types do not say that it may be missing. */
function hasElse({inverse}: {readonly inverse?: hbs.AST.Program | undefined}): boolean {
  return inverse !== undefined
}

const noStrip: hbs.AST.StripFlags = {open: false, close: false}

function literal(value: string, loc: hbs.AST.SourceLocation): hbs.AST.StringLiteral {
  return {type: 'StringLiteral', value, original: value, loc}
}

function namedArguments(options: unknown): ReadonlyMap<string, string> {
  if (!isRecord(options) || !isRecord(options['hash'])) return new Map()
  return new Map(Object.entries(options['hash']).map(([name, value]) => [name, String(value)]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
