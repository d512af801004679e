import type {ErrorCode} from './causes.ts'
import type {TagboatError} from './error.ts'
import {remedies} from './remedies.ts'

/** Formats an error for the log, the annotation and the summary: cause, evidence, remedy and a link. */
export function renderError(error: TagboatError): string {
  const evidence = error.evidence.map((line) => `  ${line}`)
  return [
    `${error.message} [${error.code}]`,
    ...evidence,
    `${remedyMark}${error.remedy ?? remedies[error.code]}`,
    `${addressMark}${errorAddress(error.code)}`,
  ].join('\n')
}

const remedyMark = 'What to do: '
const addressMark = 'See '

/** Parts of a rendered error. */
export interface RenderedError {
  readonly message: string
  readonly code: string
  readonly evidence: readonly string[]
  readonly remedy: string
  readonly address: string
}

/** Parts of a text that ends with a rendered error, such as a warning; undefined for any other text. */
export function parseRendered(text: string): RenderedError | undefined {
  const [first = '', ...lines] = text.split('\n')
  const [remedy = '', address = ''] = lines.slice(-2)
  const begin = first.lastIndexOf(' [')
  if (begin === -1 || !remedy.startsWith(remedyMark) || !address.startsWith(addressMark)) return undefined
  return {
    message: first.slice(0, begin),
    code: first.slice(begin + 2, -1),
    evidence: lines.slice(0, -2).map((line) => line.replace(/^ {2}/, '')),
    remedy: remedy.slice(remedyMark.length),
    address: address.slice(addressMark.length),
  }
}

/** Address of the section of `docs/errors.md` for a code. */
export function errorAddress(code: ErrorCode): string {
  return `https://github.com/tagboat/tagboat/blob/main/docs/errors.md#${code}`
}
