import type {Io} from '../../io/io.ts'
import {formatRepository} from '../../oci/reference.ts'
import {formatWith} from '../../reasons/reason-table.ts'
import {pruneSkips} from '../../reasons/prune-skips.ts'
import {openRegistries} from '../../run/registries.ts'
import {registryUser} from '../registry-user.ts'
import {preparePrune, type PreparedPrune} from './prepare-prune.ts'

/**
 * Action `tagboat/tagboat/prune@v1`: deletes the tags and images that the policy of the step names, and nothing that
 * anything kept needs.
 */
export async function prune(io: Io): Promise<void> {
  const prepared = await preparePrune(io)
  if (prepared.skip !== undefined) {
    io.workflow.setOutput('skipped', 'true')
    io.workflow.info(`Nothing to delete: ${formatWith(pruneSkips, prepared.skip)}`)
    return
  }
  io.workflow.setOutput('skipped', 'false')
  await judgeRepositories(prepared, io)
}

/** Reads the repositories. */
async function judgeRepositories({inputs, context, repositories}: PreparedPrune, io: Io): Promise<void> {
  const user = await registryUser({inputs, context, pushedTo: repositories}, io)
  using registries = await openRegistries(user, inputs.publish.retries, io)
  for (const repository of repositories) {
    const tags = await registries.clients.repository(repository).tags()
    io.workflow.info(`${formatRepository(repository)} has ${tags.length} tags`)
  }
}
