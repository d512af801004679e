import {catalogue, type ErrorCode} from './catalogue.ts'

/** Range of lines in a file of the workspace, for an annotation. */
export interface SourcePlace {
  /** Path relative to the workspace, with forward slashes. */
  readonly file: string
  /** 1-based number of the first line. */
  readonly line: number
  readonly endLine: number
}

export interface ErrorDetails {
  /** Facts about the failure: output of a command, response of a registry, invalid inputs. Never contains a secret. */
  readonly evidence?: readonly string[]
  /** Description, if it is more exact than that of the catalogue. */
  readonly message?: string
  /** Remedy, if it is more exact than that of the catalogue. */
  readonly remedy?: string
  /** Lines of the user's file that caused the failure. */
  readonly place?: SourcePlace
  readonly cause?: unknown
}

/** Failure with a code, evidence and a remedy. `message` describes it in one sentence. */
export class TagboatError extends Error {
  readonly code: ErrorCode
  readonly evidence: readonly string[]
  readonly remedy: string
  readonly place: SourcePlace | undefined

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(details.message ?? catalogue[code].cause, details.cause === undefined ? {} : {cause: details.cause})
    this.name = 'TagboatError'
    this.code = code
    this.evidence = details.evidence ?? []
    this.remedy = details.remedy ?? catalogue[code].remedy
    this.place = details.place
  }
}

/** Message of anything thrown. */
export function errorMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** Converts anything thrown to a TagboatError. The code is `unexpected` for any other error, which becomes the cause. */
export function toTagboatError(thrown: unknown): TagboatError {
  if (thrown instanceof TagboatError) return thrown
  return new TagboatError('unexpected', {evidence: [errorMessage(thrown)], cause: thrown})
}

/** Formats an error for the log, the annotation and the summary: cause, evidence, remedy and a link. */
export function renderError(error: TagboatError): string {
  const evidence = error.evidence.map((line) => `  ${line}`)
  return [
    `${error.message} [${error.code}]`,
    ...evidence,
    `What to do: ${error.remedy}`,
    `See ${errorAddress(error.code)}`,
  ].join('\n')
}

/** Address of the section of `docs/errors.md` for a code. */
export function errorAddress(code: ErrorCode): string {
  return `https://github.com/tagboat/tagboat/blob/main/docs/errors.md#${code}`
}
