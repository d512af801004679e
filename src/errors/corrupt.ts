import {TagboatError} from './error.ts'

/** Creates the error for unexpected content. `found` describes the actual content. */
export function corrupt(what: string, found: string): TagboatError {
  return new TagboatError('content-corrupt', {evidence: [`${what}: ${found}`]})
}
