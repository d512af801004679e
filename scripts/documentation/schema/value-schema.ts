import type {InputName} from '../../../src/inputs/spec/spec.ts'
import type {InputSpec} from '../../../src/inputs/spec/spec-row.ts'
import type {JsonSchema} from './json-schema.ts'

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

/** Schema of the values that an input of an action accepts. Whether their content is right, the action decides. */
export function valueSchema(name: InputName, spec: InputSpec): JsonSchema {
  switch (spec.form) {
    case 'boolean':
      return eitherOf(
        'Write true or false, or an expression.',
        {type: 'boolean'},
        '(true|True|TRUE|false|False|FALSE)?',
      )
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
  const anyCase = choices.map((choice) => choice.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`))
  const message = `Write one of ${choices.join(', ')}, or an expression.`
  return eitherOf(message, {enum: plain}, `(${anyCase.join('|')})?`)
}

function integerSchema(range: readonly [number, number] | undefined): JsonSchema {
  const [minimum, maximum] = range ?? [0, undefined]
  const words = maximum === undefined ? '' : ` from ${minimum} to ${maximum}`
  const plain = {type: 'integer', minimum, ...(maximum === undefined ? {} : {maximum})}
  return eitherOf(`Write a whole number${words}, or an expression.`, plain, '\\d{0,9}')
}
