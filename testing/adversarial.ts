import {readdirSync, readFileSync} from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

/** Regular expression in the source. */
export interface SourceExpression {
  readonly file: string
  readonly expression: RegExp
}

/** Lists all literals of regular expressions below a folder. */
export function expressionsIn(root: string): readonly SourceExpression[] {
  const names = readdirSync(root, {recursive: true, encoding: 'utf8'}).filter((name) => name.endsWith('.ts'))
  return names.flatMap((name) => {
    const found: SourceExpression[] = []
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

/** Long texts that repeat parts of an expression and almost match. A slow expression is slow for one of them. */
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
