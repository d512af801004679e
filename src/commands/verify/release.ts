import {TagboatError} from '../../errors/error.ts'
import type {VerifyInputs} from '../../inputs/verify/demand.ts'
import {formatRepository} from '../../oci/reference.ts'
import {repositoriesOf} from '../../plan/plan.ts'
import type {ExistingRelease} from '../../promote/decide/decide-release.ts'
import type {Judgement} from '../../stage/gate.ts'
import type {Publication} from '../promote-image.ts'
import {judgeSignaturesOf} from './verify-gate.ts'

/**
 * Compares the signatures of a published release with `verify`.
 * @throws TagboatError `source-missing` if the repository does not have the release any more.
 */
export async function judgeRelease(
  {digest, repository, byRepository}: ExistingRelease,
  inputs: VerifyInputs,
  publication: Publication,
): Promise<Judgement> {
  const {prepared, registries} = publication
  const content = await registries.clients.repository(repository).manifest(digest)
  if (content === undefined) {
    throw new TagboatError('source-missing', {evidence: [`${formatRepository(repository)} does not have ${digest}`]})
  }
  const others = repositoriesOf(prepared.plan).filter(
    (one) =>
      formatRepository(one) !== formatRepository(repository) && byRepository.get(formatRepository(one)) === digest,
  )
  return judgeSignaturesOf([{content, repositories: [repository, ...others]}], digest, inputs, publication)
}
