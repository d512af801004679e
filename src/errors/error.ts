import {causes, type ErrorCode} from './causes.ts'
import {withoutControls} from './printable.ts'

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
  /** Description, if it is more exact than that of `causes`. */
  readonly message?: string
  /** Remedy, if it is more exact than that of `remedies`. */
  readonly remedy?: string | undefined
  /** Lines of the user's file that caused the failure. */
  readonly place?: SourcePlace
  /** Whether a registry states that the requested content does not exist. */
  readonly isAbsent?: boolean
  readonly cause?: unknown
}

/** Failure with a code and evidence. `message` describes it in one sentence. */
export class TagboatError extends Error {
  readonly code: ErrorCode
  readonly evidence: readonly string[]
  /** Remedy, if it is more exact than that of `remedies`, which `renderError` shows otherwise. */
  readonly remedy: string | undefined
  readonly place: SourcePlace | undefined
  /** Whether a registry states that the requested content does not exist. */
  readonly isAbsent: boolean

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(details.message ?? causes[code], details.cause === undefined ? {} : {cause: details.cause})
    this.name = 'TagboatError'
    this.code = code
    this.evidence = (details.evidence ?? []).map(withoutControls)
    this.remedy = details.remedy
    this.place = details.place
    this.isAbsent = details.isAbsent ?? false
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
