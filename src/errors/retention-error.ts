import {retentionCauses} from './causes/retention.ts'
import {errorWithCause, type ErrorDetails, type TagboatError} from './error.ts'

/** Error with a cause of `retentionCauses`. */
export function retentionError(code: keyof typeof retentionCauses, details: ErrorDetails = {}): TagboatError {
  return errorWithCause(code, retentionCauses[code], details)
}
