import {TagboatError} from '../../errors/error.ts'
import type {Io} from '../../io/io.ts'
import {formatRepository, type Repository} from '../../oci/reference.ts'
import {reading} from '../../registry/auth/scope.ts'
import type {HostClient} from '../../registry/host-client.ts'
import type {RepositoryContent} from '../../retention/repository-content.ts'

/**
 * Reports whether a repository without content does not exist, as far as its registry distinguishes it from an empty one:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags
 */
export async function isMissing(
  {repository: {path}, tags, manifests}: RepositoryContent,
  client: HostClient,
): Promise<boolean> {
  if (tags.size > 0 || manifests.size > 0) return false
  try {
    const target = `${path}/tags/list?n=1`
    const {status} = await client.call({method: 'GET', target, label: 'tags/list', scopes: [reading(path)]})
    return status === 404
  } catch (error) {
    if (error instanceof TagboatError && error.code !== 'cancelled') return false
    throw error
  }
}

/** Warns of a repository that does not exist: its name may be wrong. With `required=false`, it may not exist yet. */
export function warnOfMissing(
  {repository, isBestEffort}: {readonly repository: Repository; readonly isBestEffort: boolean},
  {workflow}: Pick<Io, 'workflow'>,
): void {
  const name = formatRepository(repository)
  if (isBestEffort) workflow.notice(`${name} does not exist.`)
  else
    workflow.warning(
      `${name} does not exist. Check \`images\`, or add required=false to it if it may not have been published yet.`,
    )
}
