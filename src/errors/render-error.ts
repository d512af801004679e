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

/** Address of the section of `docs/errors.md` for a code. */
export function errorAddress(code: ErrorCode): string {
  return `https://github.com/tagboat/tagboat/blob/main/docs/errors.md#${code}`
}
