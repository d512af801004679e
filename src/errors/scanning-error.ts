import {scanningCauses} from './causes/scanning.ts'
import {errorWithCause, type ErrorDetails, type TagboatError} from './error.ts'

/** Error with a cause of `scanningCauses`. */
export function scanningError(code: keyof typeof scanningCauses, details: ErrorDetails = {}): TagboatError {
  return errorWithCause(code, scanningCauses[code], details)
}
