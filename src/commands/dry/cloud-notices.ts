import {toTagboatError} from '../../errors/error.ts'
import {errorWarning} from '../../errors/render-error.ts'
import type {Io} from '../../io/io.ts'
import {isEcr} from '../../oci/ecr.ts'
import {formatRepository} from '../../oci/reference.ts'
import {repositoriesOf} from '../../plan/plan.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import {readsClouds} from '../../stage/reads-packages.ts'
import {pushOf, registryUser} from '../registry-user.ts'

/**
 * Reports what a dry run without requests knows about the inputs for clouds: those that fit no registry of the run, a
 * missing role, and the repositories that a real run would create.
 */
export async function reportClouds(prepared: Prepared, io: Io): Promise<void> {
  const {inputs, plan, action} = prepared
  const readHosts = action === 'promote' ? [] : await readsClouds(prepared, io)
  try {
    await registryUser(pushOf(prepared), io, readHosts)
  } catch (error) {
    io.workflow.warning(errorWarning(toTagboatError(error)))
  }
  if (inputs.credentials.clouds?.ecrCreate === undefined) return
  for (const repository of repositoriesOf(plan).filter(({host}) => isEcr(host))) {
    const name = formatRepository(repository)
    io.workflow.notice(`\`ecr-create\`: a real run creates the repository ${name} if it does not exist.`)
  }
}
