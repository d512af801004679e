import {readdirSync, readFileSync} from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

/** A regular expression of the source. */
export interface Found {
  readonly file: string
  readonly expression: RegExp
}

/** Every literal of a regular expression below a folder. */
export function expressionsIn(root: string): readonly Found[] {
  const names = readdirSync(root, {recursive: true, encoding: 'utf8'}).filter((name) => name.endsWith('.ts'))
  return names.flatMap((name) => {
    const found: Found[] = []
    const visit = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) {
        const end = node.text.lastIndexOf('/')
        const expression = new RegExp(node.text.slice(1, end), node.text.slice(end + 1))
        found.push({file: name.replaceAll(path.sep, '/'), expression})
      }
      ts.forEachChild(node, visit)
    }
    visit(ts.createSourceFile(name, readFileSync(path.join(root, name), 'utf8'), ts.ScriptTarget.Latest, true))
    return found
  })
}

const always = [
  ...Array.from(' \n\taA0-.:/=?"\\,<>@#%_{}[]é'),
  'a ',
  'a.',
  '0.',
  '.0',
  'a-',
  'a=',
  'a:',
  '::',
  '://',
  '\r\n',
  ' \n',
  '"a"',
  'a,',
]

/** Long texts made of what an expression looks for, which begin well and end badly: where it is slow at all, it is on one of them. */
export function hostileTexts({source}: RegExp, length: number): readonly string[] {
  const plain = source.replace(/\\[dwsSDWbBpP](?:\{[^}]*\})?/g, '').replace(/\\(.)/g, '$1')
  const words = source.match(/[\w:/.#<>"= -]{2,40}/g) ?? []
  const pumps = new Set([...Array.from(plain), ...words, ...always])
  const ends = [
    ['', '\0'],
    ['a', '!'],
    ['"', '\n'],
  ] as const
  return [...pumps].flatMap((pump) => {
    const long = pump.repeat(Math.ceil(length / pump.length))
    return ends.map(([before, after]) => before + long + after)
  })
}
