import {baseLevels, platformLevels} from '../../../src/oci/annotation-level.ts'
import type {InputName} from '../../../src/inputs/spec/spec.ts'
import type {InputSpec} from '../../../src/inputs/spec/spec-row.ts'
import {anyCase, type JsonSchema} from './json-schema.ts'

/** Pattern of a text with an expression. Only the runner knows its value, so every input accepts it. */
const expression = '\\$\\{\\{'

/** Inputs that YAML would change if they were written as numbers: `1.10` is the number 1.1. */
const quoted: readonly InputName[] = ['version', 'variant', 'component', 'environment']

const quoteMessage = 'Write the value in quotes, such as "1.10": YAML reads 1.10 without quotes as the number 1.1.'

/** Least and highest values of the inputs that have them, as their readers demand (a test compares them). */
const ranges: Partial<Readonly<Record<InputName, readonly [number, number]>>> = {
  'max-tag-length': [8, 128],
  retries: [0, 20],
}

/** Items and lines that a list accepts besides the words of its row, as its reader does (a test compares them). */
const besideWords: Partial<Readonly<Record<InputName, {readonly text: string} & Partial<WordPatterns>>>> = {
  scan: {text: 'run= and a command', lines: ['run=[^\\n]*\\S[^\\n]*', '"run=([^"]|"")+"']},
  'annotation-levels': {
    text: 'a level with a platform such as manifest[linux/amd64]',
    item: `(${baseLevels.join('|')}|(${platformLevels.join('|')})\\[[^\\]\\n,"]+\\])`,
  },
}

interface WordPatterns {
  /** Pattern of an item. Default: the words, in any case. */
  readonly item: string
  /** Patterns of lines without commas. */
  readonly lines: readonly string[]
}

/** Pattern of `key=value` with commas between, whose values may be in quotes. */
const attribute = '\\s*("[^"=]*=([^"]|"")*"|[^,="]*=("([^"]|"")*"|[^,]*))?\\s*'
const attributes = `${attribute}(,${attribute})*`

/** Inputs that are true or false, or a text of another form, with the pattern of that text and an example. */
const switches: Partial<Readonly<Record<InputName, readonly [pattern: string, example: string]>>> = {
  provenance: [attributes, 'attributes such as mode=max'],
  sbom: [attributes, 'attributes such as generator=image'],
  'ecr-create': ['[^:]+:[^]*', 'settings as YAML'],
}

const booleanText = '(true|True|TRUE|false|False|FALSE)'

/** Schema of the values that an input of an action accepts. Whether their content is right, the action decides. */
export function valueSchema(name: InputName, spec: InputSpec): JsonSchema {
  if (spec.words !== undefined) return wordsSchema(name, spec.words)
  const [pattern, example] = switches[name] ?? []
  if (pattern !== undefined) {
    const message = `Write true, false, ${example}, or an expression.`
    return eitherOf(message, {type: 'boolean'}, `(${booleanText}|${pattern})?`)
  }
  switch (spec.form) {
    case 'boolean':
      return eitherOf('Write true or false, or an expression.', {type: 'boolean'}, `${booleanText}?`)
    case 'choice':
      return choiceSchema(spec.choices ?? [''])
    case 'integer':
      return integerSchema(ranges[name])
    case 'text':
    case 'verbatim':
      return quoted.includes(name)
        ? {type: 'string', errorMessage: quoteMessage}
        : {type: ['string', 'number', 'boolean']}
    default:
      return {type: 'string'}
  }
}

/** A plain value; or a text that matches a pattern, with white space around it, or that contains an expression. */
function eitherOf(errorMessage: string, plain: JsonSchema, pattern: string): JsonSchema {
  const text: JsonSchema = {type: 'string', pattern: `^\\s*${pattern}\\s*$|${expression}`}
  return {anyOf: [plain, text].map((schema) => ({...schema, errorMessage}))}
}

/** YAML reads `true` without quotes as a boolean; the action reads a choice in any case. */
function choiceSchema(choices: readonly string[]): JsonSchema {
  const plain = choices.map((choice) => (choice === 'true' ? true : choice === 'false' ? false : choice))
  const message = `Write one of ${choices.join(', ')}, or an expression.`
  return eitherOf(message, {enum: plain}, `(${choices.map(anyCase).join('|')})?`)
}

/**
 * A list of words, with commas or line breaks between them. Lines that begin with # are comments, and an item may be in
 * quotes.
 */
function wordsSchema(name: InputName, words: readonly string[]): JsonSchema {
  const {text, item = `(${words.map(anyCase).join('|')})`, lines = []} = besideWords[name] ?? {}
  const place = `[ \\t]*((${item}|"${item}")[ \\t]*)?`
  const others = lines.map((one) => `[ \\t]*${one}[ \\t]*`)
  const line = `(${[`${place}(,${place})*`, '[ \\t]*#[^\\n]*', ...others].join('|')})`
  const message = `Write ${[...words, text ?? []].flat().join(', ')}, or an expression.`
  return eitherOf(message, {enum: words}, `${line}(\\n${line})*`)
}

function integerSchema(range: readonly [number, number] | undefined): JsonSchema {
  const [minimum, maximum] = range ?? [0, undefined]
  const words = maximum === undefined ? '' : ` from ${minimum} to ${maximum}`
  const plain = {type: 'integer', minimum, ...(maximum === undefined ? {} : {maximum})}
  return eitherOf(`Write a whole number${words}, or an expression.`, plain, '\\d{0,9}')
}
