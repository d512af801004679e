import {catalogue, type ErrorCode} from './catalogue.ts'

/** Lines of a file of the repository, for an annotation. */
export interface SourcePlace {
  /** Relative to the workspace, with forward slashes. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly endLine: number
}

export interface ErrorDetails {
  /** What was seen: the lines of a command, the answer of a registry, the inputs at fault. Never a secret. */
  readonly evidence?: readonly string[]
  /** Replaces the catalogue's sentence where the facts allow a more exact one. */
  readonly message?: string
  /** Replaces the catalogue's remedy where the facts allow a more exact one. */
  readonly remedy?: string
  /** Where it went wrong, when that is a line of the user's. */
  readonly place?: SourcePlace
  readonly cause?: unknown
}

/** A failure with its code, evidence and remedy. `message` is the one sentence that says what went wrong. */
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

/** Anything thrown, as a TagboatError: what is not one already becomes `unexpected` and keeps its cause. */
export function toTagboatError(thrown: unknown): TagboatError {
  if (thrown instanceof TagboatError) return thrown
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return new TagboatError('unexpected', {evidence: [text], cause: thrown})
}

/** Cause, evidence, remedy, in that order: the text that the log and the annotation show. */
export function renderError(error: TagboatError): string {
  const evidence = error.evidence.map((line) => `  ${line}`)
  return [`${error.message} [${error.code}]`, ...evidence, `What to do: ${error.remedy}`].join('\n')
}
