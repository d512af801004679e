import {causes, type CommonCode, type ErrorCode} from './causes.ts'
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
  /** Whether `message` is the cause of the code in a table. Default: only if there is no `message`. */
  readonly isCause?: boolean
  /** Remedy, if it is more exact than that of `remedies`. */
  readonly remedy?: string | undefined
  /** Lines of the user's file that caused the failure. */
  readonly place?: SourcePlace
  /** Whether a registry states that the requested content does not exist. */
  readonly isAbsent?: boolean
  readonly cause?: unknown
}

const commonCauses: Readonly<Partial<Record<ErrorCode, string>>> = causes

/** Failure with a code and evidence. `message` describes it in one sentence. */
export class TagboatError extends Error {
  readonly code: ErrorCode
  readonly evidence: readonly string[]
  /** Whether `message` is the cause of the code, which contains no facts of this run. */
  readonly isCause: boolean
  /** Remedy, if it is more exact than that of `remedies`, which `renderError` shows otherwise. */
  readonly remedy: string | undefined
  readonly place: SourcePlace | undefined
  /** Whether a registry states that the requested content does not exist. */
  readonly isAbsent: boolean

  constructor(code: CommonCode, details?: ErrorDetails)
  /** Creates the error of a code whose cause this module does not load, such as those of `scanningError`. */
  constructor(code: ErrorCode, details: ErrorDetails & {readonly message: string})
  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(details.message ?? commonCauses[code], details.cause === undefined ? {} : {cause: details.cause})
    this.name = 'TagboatError'
    this.code = code
    this.isCause = details.isCause ?? details.message === undefined
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

/** Creates an error whose message is `cause`, unless the details have one. For tables that few runs load. */
export function errorWithCause(code: ErrorCode, cause: string, details: ErrorDetails): TagboatError {
  const {message} = details
  return new TagboatError(code, {...details, message: message ?? cause, isCause: message === undefined})
}
