import {callExpression, TemplateProblem, unknownNameProblem, type TemplateValues} from './template.ts'

type Node = Readonly<Record<string, unknown>>

/** Names of Handlebars itself. They belong to a block (`{{#if tag}}`) and are not values. */
const builtIns = new Set(['if', 'unless', 'else', 'this'])
const conditions = new Set(['if', 'unless'])

/**
 * Checks all nodes of a Handlebars tree, so that a mistake in a branch that is not taken is found too.
 * @throws TemplateProblem for an unknown name, a call with wrong arguments, or a block without its condition.
 */
export function checkTree(tree: unknown, text: string, values: TemplateValues): void {
  new TreeCheck(text, values).visit(tree)
}

/** 1-based column in the text of a node, or of the call of a helper with these options. */
export function columnAt(located: unknown, text: string): number {
  const location = isNode(located) ? located['loc'] : undefined
  const start = isNode(location) ? location['start'] : undefined
  if (!isNode(start)) return 1
  const {line, column} = start
  if (typeof line !== 'number' || typeof column !== 'number') return 1
  const before = text.split('\n').slice(0, line - 1)
  return before.reduce((length, one) => length + one.length + 1, 0) + column + 1
}

class TreeCheck {
  readonly #text: string
  readonly #values: TemplateValues

  constructor(text: string, values: TemplateValues) {
    this.#text = text
    this.#values = values
  }

  visit(node: unknown): void {
    if (Array.isArray(node)) {
      for (const child of node) this.visit(child)
      return
    }
    if (!isNode(node)) return
    this.#check(node)
    for (const [key, child] of Object.entries(node)) {
      if (key !== 'loc') this.visit(child)
    }
  }

  #check(node: Node): void {
    switch (node['type']) {
      case 'MustacheStatement':
      case 'SubExpression':
        this.#checkExpression(node)
        return
      case 'BlockStatement':
        this.#checkBlock(node)
        return
      case 'PathExpression':
        this.#checkName(node)
    }
  }

  #checkExpression(node: Node): void {
    const name = nameOf(node)
    if (!this.#values.has(name) && isPath(node['path'])) throw unknownNameProblem(name, this.#column(node))
    this.#checkCall(node, name)
  }

  #checkBlock(node: Node): void {
    const name = nameOf(node)
    if (!conditions.has(name)) this.#checkCall(node, name)
    else if (list(node['params']).length !== 1)
      throw this.#problem(`{{#${name}}} needs one condition, such as {{#${name} tag}}`, node)
  }

  #checkCall(node: Node, name: string): void {
    const value = this.#values.get(name)
    const params = list(node['params'])
    const pairs = isNode(node['hash']) ? list(node['hash']['pairs']) : []
    if (typeof value === 'string' && params.length + pairs.length > 0)
      throw this.#problem(`{{${name}}} takes no arguments`, node)
    if (typeof value !== 'function') return
    const named = pairs.flatMap((pair): (readonly [string, string])[] => {
      const text = isNode(pair) ? literal(pair['value']) : undefined
      return isNode(pair) && text !== undefined ? [[String(pair['key']), text]] : []
    })
    // The value of a name depends on the event: any text will do here.
    const positional = params.map((param) => literal(param) ?? 'any')
    callExpression(value, positional, new Map(named), this.#column(node))
  }

  #checkName(node: Node): void {
    const name = String(node['original'])
    if (!this.#values.has(name) && !builtIns.has(name)) throw unknownNameProblem(name, this.#column(node))
  }

  #column(node: unknown): number {
    return columnAt(node, this.#text)
  }

  #problem(message: string, node: Node): TemplateProblem {
    return new TemplateProblem(message, this.#column(node))
  }
}

/** Reports whether a node is a name, and not a literal such as `{{'text'}}`. */
function isPath(node: unknown): boolean {
  return isNode(node) && node['type'] === 'PathExpression'
}

function nameOf(node: Node): string {
  const path = node['path']
  return isNode(path) ? String(path['original']) : ''
}

/** Text of a literal argument; undefined for a name or an expression. */
function literal(node: unknown): string | undefined {
  if (!isNode(node)) return undefined
  const {type, value} = node
  return typeof type === 'string' && /^(?:String|Number|Boolean)Literal$/.test(type) ? String(value) : undefined
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null
}
