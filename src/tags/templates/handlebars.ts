import Handlebars from 'handlebars'
import moment from 'moment-timezone'
import {timeZoneRemedy} from '../versions/calendar-date.ts'
import {checkTree, columnAt} from './handlebars-check.ts'
import {
  ArgumentProblem,
  callExpression,
  filler,
  TemplateProblem,
  type TemplateEngine,
  type TemplateValues,
} from './template.ts'
import {explainSyntax} from './template-syntax.ts'

/**
 * Engine for the full template language, as docker/metadata-action documents it for tags, labels and annotations
 * (https://handlebarsjs.com/guide/expressions.html). Loaded only for texts with more than `{{name}}`.
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
    const filled = emptyNames.length === 0 ? rendered : run(text, values, () => filler)
    return {text: rendered, emptyNames, filled}
  },
  formatDate(date, format, timeZone) {
    if (moment.tz.zone(timeZone) === null)
      throw new ArgumentProblem(`unknown time zone "${timeZone}"`, timeZoneRemedy(timeZone))
    return moment.tz(date, timeZone).format(format)
  },
}

/** Parses a template. The message of the parser names its tokens, so `explainSyntax` explains the error instead. */
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

/** Renders a text. `onEmpty` returns the text for an expression whose value is empty. */
function run(text: string, values: TemplateValues, onEmpty: (name: string) => string): string {
  const runtime = Handlebars.create()
  runtime.registerHelper(shownHelper, (name: unknown, value: unknown) => (value === '' ? onEmpty(String(name)) : value))
  const data: Record<string, unknown> = {}
  for (const [name, value] of values) {
    if (typeof value === 'string') {
      Object.assign(data, nested(name, value))
    } else {
      runtime.registerHelper(name, (...args: readonly unknown[]) => {
        const options = args.at(-1)
        const positional = args.slice(0, -1).map(String)
        return callExpression(value, positional, namedArguments(options), columnAt(options, text))
      })
    }
  }
  // Tags, labels and annotations are not HTML: `&` in a branch name stays `&`. The first parse handled standalone lines.
  try {
    return runtime.compile(markShown(text, values), {noEscape: true, ignoreStandalone: true})(data)
  } catch (error) {
    throw error instanceof TemplateProblem ? error : new TemplateProblem('the text cannot be rendered', 1)
  }
}

/** Data for a name: `meta.version` is the field `version` of `meta`. */
function nested(name: string, value: string): Readonly<Record<string, unknown>> {
  const [head = '', ...rest] = name.split('.')
  return {[head]: rest.length === 0 ? value : nested(rest.join('.'), value)}
}

/** Name of the helper that `markShown` inserts. `check` refuses it in the text of a user, like every unknown name. */
const shownHelper = 'shown'

/**
 * Parses a text and wraps every value that it shows into a call of `shown`, which sees the name of an empty value:
 *
 *     before: {{#if tag}}{{branch}}-{{date 'YYYY'}}{{/if}}
 *     after:  {{#if tag}}{{shown 'branch' branch}}-{{shown 'date' (date 'YYYY')}}{{else}}{{shown 'tag' ''}}{{/if}}
 *
 * Names in conditions and arguments stay as they are: a text for an empty value there would choose another branch.
 */
function markShown(text: string, values: TemplateValues): hbs.AST.Program {
  const tree = parse(text)
  new ShownValues(values).accept(tree)
  return tree
}

class ShownValues extends Handlebars.Visitor {
  readonly #values: TemplateValues

  constructor(values: TemplateValues) {
    super()
    this.#values = values
  }

  /** Adds an `else` to `{{#if name}}` that shows the name as empty: the block is empty because of it. */
  override BlockStatement(block: hbs.AST.BlockStatement): void {
    super.BlockStatement(block)
    const {path, params, loc} = block
    const [condition] = params
    if (hasElse(block) || path.original !== 'if' || condition === undefined) return
    const name = 'original' in condition ? String(condition.original) : ''
    if (!this.#values.has(name)) return
    const body: hbs.AST.MustacheStatement = {
      type: 'MustacheStatement',
      ...shownCall(name, literal('', loc), loc),
      escaped: false,
      strip: noStrip,
      loc,
    }
    block.inverse = {type: 'Program', body: [body], blockParams: [], loc}
    block.inverseStrip = noStrip
  }

  override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
    const {path, params, hash, loc} = statement
    if (!('original' in path) || !('parts' in path)) return
    const call: hbs.AST.SubExpression = {type: 'SubExpression', path, params, hash, loc}
    const isFunction = typeof this.#values.get(path.original) === 'function'
    Object.assign(statement, shownCall(path.original, isFunction ? call : path, loc))
  }
}

/** Nodes of the call `shown 'name' value`. */
function shownCall(
  name: string,
  value: hbs.AST.Expression,
  loc: hbs.AST.SourceLocation,
): Pick<hbs.AST.MustacheStatement, 'path' | 'params' | 'hash'> {
  const path: hbs.AST.PathExpression = {
    type: 'PathExpression',
    data: false,
    depth: 0,
    parts: [shownHelper],
    original: shownHelper,
    loc,
  }
  return {path, params: [literal(name, loc), value], hash: {type: 'Hash', pairs: [], loc}}
}

/** Reports whether a block has an `else`. The types of the library say that it always has one. */
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
