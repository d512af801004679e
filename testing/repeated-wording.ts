import {globSync, readFileSync} from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

/** Text of a test that repeats the wording of a message. */
export interface Repetition {
  readonly file: string
  readonly line: number
  readonly text: string
}

/** Number of consecutive words that count as a repetition. */
const length = 4

/** Tables of messages, whose purpose is to repeat the wording. */
const tables = /^unit\/(?:reasons|errors)\/|(?:^|\/)messages\.test\.ts$/

/**
 * Lists the texts in the tests below a root folder that repeat four or more consecutive words of a text in its source.
 * Names of tests do not count.
 */
export function findRepetitions(root: string): readonly Repetition[] {
  const wordings = new Set(
    filesIn(root, 'src').flatMap((file) => textsIn(root, file).flatMap(({text}) => wordSequences(text))),
  )
  return filesIn(root, '__tests__')
    .filter((file) => file.endsWith('.test.ts') && !tables.test(file.slice('__tests__/'.length)))
    .flatMap((file) => textsIn(root, file))
    .filter(({text}) => wordSequences(text).some((sequence) => wordings.has(sequence)))
}

function filesIn(root: string, folder: string): readonly string[] {
  return globSync(`${folder}/**/*.ts`, {cwd: root}).map((file) => file.replaceAll(path.sep, '/'))
}

const options = {languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone}

/** Lists the string and template literals of a file. Values in a template end a sequence of words. */
function textsIn(root: string, file: string): readonly Repetition[] {
  const content = readFileSync(path.join(root, file), 'utf8')
  const source = ts.createSourceFile(file, content, options, true)
  const found: Repetition[] = []
  const visit = (node: ts.Node): void => {
    const text = isTestName(node) ? undefined : textOf(node)
    if (text !== undefined) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
      found.push({file, line, text})
    }
    ts.forEachChild(node, visit)
  }
  ts.forEachChild(source, visit)
  return found
}

/**
 * Reports whether a text is the name of a test or group, or of a row of a table of tests. Names describe behaviour in the
 * words of the source.
 */
function isTestName({parent}: ts.Node): boolean {
  if (ts.isPropertyAssignment(parent)) return parent.name.getText() === 'name' && isRow(parent.parent)
  return ts.isCallExpression(parent) && isTest(parent.expression)
}

/** Reports whether an object is a row of `test.each` or `describe.each`. */
function isRow({parent}: ts.Node): boolean {
  return ts.isArrayLiteralExpression(parent) && ts.isCallExpression(parent.parent) && isTest(parent.parent.expression)
}

function isTest(expression: ts.Expression): boolean {
  return /^(?:test|describe)\b/.test(expression.getText())
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text
  if (!ts.isTemplateExpression(node)) return undefined
  return [node.head.text, ...node.templateSpans.map(({literal}) => literal.text)].join('\0')
}

/** Lists all sequences of consecutive words, in lower case. Values, code and the end of a sentence interrupt a sequence. */
export function wordSequences(text: string): readonly string[] {
  return [...text.toLowerCase().matchAll(prose)].flatMap(([sentence]) => {
    const words = sentence.split(/[,;:]? /)
    return words.slice(length - 1).map((_, index) => words.slice(index, index + length).join(' '))
  })
}

/** Words that are separated by spaces. */
const prose = /(?<![^\s("“])[a-z]+(?:['’-][a-z]+)*(?:[,;:]? [a-z]+(?:['’-][a-z]+)*)+(?![\w=/.-]\S)/g
