import {TagboatError} from '../../errors/error.ts'
import type {VerifyInputs} from '../../inputs/verify/demand.ts'
import type {Digest} from '../../oci/digest.ts'
import {formatRepository, isSameRepository, type Repository} from '../../oci/reference.ts'
import {repositoriesOf} from '../../plan/plan.ts'
import type {ExistingRelease} from '../../promote/decide/decide-release.ts'
import type {Judgement} from '../../stage/gate.ts'
import type {Publication} from '../promote-image.ts'
import {judgeSignaturesOf} from './verify-gate.ts'

/**
 * Compares the signatures of a published release with `verify`. If repositories have different builds of it, all of them
 * must have the signatures.
 * @throws TagboatError `source-missing` if a repository does not have its build any more.
 */
export async function judgeRelease(
  {digest, repository, byRepository}: ExistingRelease,
  inputs: VerifyInputs,
  publication: Publication,
): Promise<Judgement> {
  const {prepared, registries} = publication
  const builds = new Map<Digest, Repository[]>([[digest, [repository]]])
  for (const one of repositoriesOf(prepared.plan)) {
    const build = byRepository.get(formatRepository(one))
    if (build === undefined || isSameRepository(one, repository)) continue
    builds.set(build, [...(builds.get(build) ?? []), one])
  }
  const images = [...builds].map(async ([build, repositories]) => {
    const [first = repository] = repositories
    const content = await registries.clients.repository(first).manifest(build)
    if (content !== undefined) return {content, repositories}
    throw new TagboatError('source-missing', {evidence: [`${formatRepository(first)} does not have ${build}`]})
  })
  return judgeSignaturesOf(await Promise.all(images), digest, inputs, publication)
}
