import {decideRelease, type ReleaseDecision, type ReleaseRequest} from './decide/decide-release.ts'

/**
 * Decides about the exact tags.
 * @throws TagboatError `tag-taken`, `tag-exists`, with one line of evidence per tag.
 */
export async function acceptedRelease(request: ReleaseRequest): Promise<ReleaseDecision> {
  const decision = decideRelease(request)
  if (decision.refusal === undefined) return decision
  const {refusalError} = await import('./decide/taken-tags.ts')
  throw refusalError(decision.refusal, request.thisRun)
}
