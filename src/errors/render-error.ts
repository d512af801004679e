import type {ErrorCode} from './causes.ts'
import type {TagboatError} from './error.ts'
import {remedies} from './remedies.ts'

/** Formats an error for the log, the annotation and the summary: cause, evidence, remedy and a link. */
export function renderError(error: TagboatError): string {
  const evidence = error.evidence.map((line) => `  ${line}`)
  return [
    `${error.message} [${error.code}]`,
    ...evidence,
    `What to do: ${error.remedy ?? remedies[error.code]}`,
    `See ${errorAddress(error.code)}`,
  ].join('\n')
}

/** Warning that ends with an error. */
export interface ErrorWarning {
  /** Sentence before the error; empty if the error is all of it. */
  readonly lead: string
  readonly error: TagboatError
  /** Both, for the log and the annotation. */
  readonly text: string
}

/** Formats a warning about an error that does not end the run. */
export function errorWarning(error: TagboatError, lead = ''): ErrorWarning {
  return {lead, error, text: `${lead === '' ? '' : `${lead} `}${renderError(error)}`}
}

/** Address of the section of `docs/errors.md` for a code. */
export function errorAddress(code: ErrorCode): string {
  return `https://github.com/tagboat/tagboat/blob/main/docs/errors.md#${code}`
}
