import {signingCauses} from './causes/signing.ts'
import {errorWithCause, type ErrorDetails, type TagboatError} from './error.ts'

/** Error with a cause of `signingCauses`. */
export function signingError(code: keyof typeof signingCauses, details: ErrorDetails = {}): TagboatError {
  return errorWithCause(code, signingCauses[code], details)
}
