/** A syntax error in a template; the column is 1-based. */
interface SyntaxProblem {
  readonly column: number
  readonly reason: string
}

/** One `{{…}}` of a text. */
interface Mustache {
  /** 0-based offset of the opening braces. */
  readonly start: number
  readonly text: string
  /** Text between the braces, without `~` and without whitespace at its ends. */
  readonly content: string
}

/**
 * Explains why a text does not parse as a template, by its first wrong expression or block. `parses` is the parser that
 * refused the text. Never throws.
 */
export function explainSyntax(text: string, parses: (text: string) => boolean): SyntaxProblem {
  const open: Block[] = []
  for (const start of openings(text)) {
    const mustache = readMustache(text, start)
    if (mustache === undefined) return unclosed(text, start)
    const reason = blockProblem(mustache, open) ?? expressionProblem(mustache, parses)
    if (reason !== undefined) return {column: start + 1, reason}
  }
  const last = open.at(-1)
  return last === undefined
    ? {column: 1, reason: 'its expressions do not fit together'}
    : {column: last.start + 1, reason: `the block {{#${last.name}}} is never closed: {{/${last.name}}} is missing`}
}

interface Block {
  readonly name: string
  readonly start: number
}

/** Offsets of `{{`, except after a backslash, which makes the braces text. */
function openings(text: string): readonly number[] {
  return [...text.matchAll(/(?<![\\{])\{\{/g)].map(({index}) => index)
}

/** Reads up to the closing braces. A quoted argument may contain braces. */
function readMustache(text: string, start: number): Mustache | undefined {
  const [braces = ''] = /^\{+/.exec(text.slice(start)) ?? []
  const [body = ''] = /^(?:"[^"]*"|'[^']*'|[^"'}]|\}(?!\}))*/.exec(text.slice(start + braces.length)) ?? []
  const end = start + braces.length + body.length
  const [closing = ''] = /^\}+/.exec(text.slice(end)) ?? []
  if (closing.length < 2) return undefined
  const length = end - start + Math.min(closing.length, braces.length)
  return {start, text: text.slice(start, start + length), content: body.replace(/^~|~$/g, '').trim()}
}

function unclosed(text: string, start: number): SyntaxProblem {
  const reason = text.slice(start).includes('}}')
    ? 'a quote in this expression is never closed'
    : 'this expression is never closed: }} is missing'
  return {column: start + 1, reason}
}

/** Opens and closes blocks in `open`. Returns the error if the mustache does not fit, else undefined. */
function blockProblem({content, text, start}: Mustache, open: Block[]): string | undefined {
  const [, sign = '', name = ''] = /^([#^/]?)\s*(\S*)/.exec(content) ?? []
  const block = open.at(-1)
  if ((sign === '#' || sign === '^') && name !== '') open.push({name, start})
  else if (sign === '/') {
    open.pop()
    if (block === undefined) return `${text} closes no block`
    if (block.name !== name) return `${text} is found, but {{/${block.name}}} is expected`
  } else if (block === undefined && (name === 'else' || sign === '^')) return `${text} is outside of a block`
  return undefined
}

function expressionProblem({content, text}: Mustache, parses: (text: string) => boolean): string | undefined {
  if (content === '') return 'this expression is empty'
  if (/^(?:[/^!]|else\b)/.test(content)) return undefined
  const [, block] = /^#\s*(\S*)/.exec(content) ?? []
  const whole = block === undefined ? text : `${text}{{/${block}}}`
  return parses(whole) ? undefined : `${text} is not an expression`
}
