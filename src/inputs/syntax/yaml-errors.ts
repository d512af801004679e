import type {Document, LineCounter} from 'yaml'

type ParserError = Document['errors'][number]

/** Description of a syntax error and its place, without a part of the text, which may be a secret. */
interface SyntaxProblem {
  readonly code: ParserError['code']
  readonly line: number
  readonly column: number
  readonly message: string
}

/** First syntax error of each line: the parser reports what follows from an error too. */
export function syntaxProblems(
  errors: readonly ParserError[],
  source: string,
  lines: LineCounter,
): readonly SyntaxProblem[] {
  const found = errors
    .toSorted((a, b) => a.pos[0] - b.pos[0])
    .map((error) => {
      const {line, col} = lines.linePos(error.pos[0])
      const before = source.slice(error.pos[0] - (col - 1), error.pos[0])
      const isTab = before.trim() === '' && before.includes('\t')
      const code = isTab ? 'TAB_AS_INDENT' : error.code
      return {code, line, column: col, message: isTab ? wordsOf[code] : describe(error)}
    })
  return [...new Map(found.toReversed().map((one) => [one.line, one])).values()].reverse()
}

/** Describes an error for readers who do not know the terms of YAML. The parser's own messages quote the text. */
function describe({code, message}: ParserError): string {
  return exact.find(([pattern]) => pattern.test(message))?.[1] ?? wordsOf[code]
}

/** Descriptions that the code does not give, by parts of the parser's message. */
const exact: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/^Missing closing/, 'a closing quote is missing'],
  [/^Implicit (?:map )?keys need to be followed/, 'the colon after a key is missing'],
  [/end with a [\]}]$/, 'a closing bracket is missing'],
  [/^Sequence item without/, 'a line is indented less than the item that it belongs to'],
  [/^Missing ,/, 'a comma is missing'],
]

const wordsOf: Readonly<Record<ParserError['code'], string>> = {
  ALIAS_PROPS: 'a value has & or ! before its *',
  BAD_ALIAS: 'no name follows the * or & of a value',
  BAD_COLLECTION_TYPE: 'a value has the wrong tag (!)',
  BAD_DIRECTIVE: 'a line begins with %',
  BAD_DQ_ESCAPE: 'the character after a backslash in double quotes has no meaning there',
  BAD_INDENT: 'the indentation does not match the lines above',
  BAD_PROP_ORDER: 'an & or ! is in the wrong place',
  BAD_SCALAR_START: 'a value begins with a character that needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'another key follows in a value: a second colon, or an indentation that is too deep',
  BLOCK_IN_FLOW: 'brackets enclose an indented value',
  DUPLICATE_KEY: 'a key is given twice',
  IMPOSSIBLE: 'a character is in the wrong place',
  KEY_OVER_1024_CHARS: 'a key has more than 1024 characters',
  MISSING_CHAR: 'a colon, a comma, a space, a quote or a bracket is missing',
  MULTILINE_IMPLICIT_KEY: 'the colon after a key is missing, or the space after that colon',
  MULTIPLE_ANCHORS: 'a value has more than one &',
  MULTIPLE_DOCS: 'a line of three hyphens begins a second document',
  MULTIPLE_TAGS: 'a value has more than one !',
  NON_STRING_KEY: 'a key is not text',
  RESOURCE_EXHAUSTION: 'the values are nested too deep',
  TAB_AS_INDENT: 'a line is indented with a tab instead of spaces',
  TAG_RESOLVE_FAILED: 'a value begins with !, which needs quotes',
  UNEXPECTED_TOKEN: 'a character is in the wrong place',
}
