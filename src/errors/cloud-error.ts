import {cloudCauses} from './causes/cloud.ts'
import {errorWithCause, type ErrorDetails, type TagboatError} from './error.ts'

/** Error with a cause of `cloudCauses`. */
export function cloudError(code: keyof typeof cloudCauses, details: ErrorDetails = {}): TagboatError {
  return errorWithCause(code, cloudCauses[code], details)
}
