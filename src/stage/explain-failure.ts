import {TagboatError} from '../errors/error.ts'
import type {Session} from './session.ts'

/**
 * Error of a build with what the run knows of its builder: a step that needs a missing platform fails with the reason
 * why the builder lacks it. Other errors are returned unchanged.
 */
export function explainFailure(error: unknown, {builder}: Pick<Session, 'builder'>): unknown {
  const {gap} = builder
  if (gap === undefined || !(error instanceof TagboatError) || error.code !== 'platform-missing') return error
  const {message, remedy} = gap
  const evidence = [...error.evidence, ...gap.evidence]
  return new TagboatError(gap.code, {message, remedy, evidence, ...(error.place && {place: error.place}), cause: error})
}
