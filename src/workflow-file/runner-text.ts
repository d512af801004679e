import type {PlainScalar} from './workflow.ts'

/** Scalar, parsed as text. */
interface TextScalar {
  readonly value: unknown
  /** Style of the YAML parser: `PLAIN`, `QUOTE_DOUBLE` and so on. */
  readonly type?: string
}

const wholeNumber = /^[-+]?[0-9]+$/
const otherNumber = /^(?:0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)$/

/** Value of a scalar in expressions, with its type. */
export function runnerValue(scalar: TextScalar): PlainScalar {
  const text = runnerText(scalar)
  const {value, type} = scalar
  if (type !== 'PLAIN') return text
  if (text === '') return null
  const isNumber = typeof value === 'string' && (wholeNumber.test(value) || otherNumber.test(value))
  if (isNumber) return Number(text)
  return text === 'true' || text === 'false' ? text === 'true' : text
}

/** Text that the runner passes on for a scalar. Without quotes, it has a type: null, boolean, number or text. */
export function runnerText({value, type}: TextScalar): string {
  const text = typeof value === 'string' ? value : ''
  if (type !== 'PLAIN') return text
  if (/^(?:~|null|Null|NULL)?$/.test(text)) return ''
  if (/^(?:true|True|TRUE|false|False|FALSE)$/.test(text)) return text.toLowerCase()
  if (wholeNumber.test(text)) return wholeNumberText(text)
  return otherNumber.test(text) ? String(Number(text)) : text
}

/** Whole number without a plus sign and leading zeros. */
function wholeNumberText(text: string): string {
  const sign = text.startsWith('-') ? '-' : ''
  const digits = text.replace(/^[-+]/, '').replace(/^0+(?=[0-9])/, '')
  return digits === '0' ? '0' : `${sign}${digits}`
}
