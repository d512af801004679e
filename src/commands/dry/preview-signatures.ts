import type {ExistingRelease} from '../../promote/decide/decide-release.ts'
import type {ResolvedSources} from '../../promote/resolve-sources.ts'
import type {GateVerdict} from '../../run/gate-verdict.ts'
import {requirePassed} from '../../stage/gate.ts'
import type {Publication} from '../promote-image.ts'
import {warnOfUnsigned} from '../verify/new-release.ts'
import {judgeRelease} from '../verify/release.ts'
import {judgeSignaturesOf} from '../verify/verify-gate.ts'

/** Verdicts about the signatures of the sources of a promote, as in a real run. @throws RunFailure with the verdict */
export async function previewSources(
  {origins, content}: ResolvedSources,
  publication: Publication,
): Promise<readonly GateVerdict[]> {
  const {verify} = publication.prepared.inputs
  if (verify === undefined) return []
  return requirePassed([await judgeSignaturesOf(origins, content.digest, verify, publication)], publication.io)
}

/** Verdicts about the signatures of a published release, as in a real run. @throws RunFailure with the verdict */
export async function previewRelease(
  existing: ExistingRelease | undefined,
  publication: Publication,
): Promise<readonly GateVerdict[] | undefined> {
  const {verify} = publication.prepared.inputs
  if (verify === undefined) return undefined
  if (existing !== undefined) return requirePassed([await judgeRelease(existing, verify, publication)], publication.io)
  warnOfUnsigned(publication)
  return undefined
}
