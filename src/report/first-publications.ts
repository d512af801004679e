import {containerRegistryOf} from '../oci/ghcr.ts'
import {formatRepository, isSameRepository, type Repository} from '../oci/reference.ts'
import type {RepositoryState} from '../promote/decide/registry-state.ts'
import type {ExplainedRow} from '../promote/explained-rows.ts'

/** Package of GitHub that may have had no tag before this run. */
export interface FirstPublication {
  readonly repository: Repository
  /** Tags of this run. */
  readonly tags: readonly string[]
  /** Whether the list of its tags was empty before this run. Runs without tags for versions do not read it. */
  readonly isCertain: boolean
}

/** Result of a run that has moved tags. */
export interface Published {
  readonly rows: readonly ExplainedRow[]
  /** State of the repositories before the run, as far as it was read. */
  readonly states: readonly RepositoryState[] | undefined
}

/**
 * Packages of which a run has created a tag, and which had none before, as far as is known.
 * @param server Web address of the GitHub server.
 */
export function firstPublications({rows, states = []}: Published, server: string): readonly FirstPublication[] {
  const host = containerRegistryOf(server)
  const created = rows.filter(({outcome, reference}) => outcome === 'new' && reference.repository.host === host)
  const repositories = created.map(({reference: {repository}}) => [formatRepository(repository), repository] as const)
  return [...new Map(repositories).values()].flatMap((repository) => {
    const own = rows.filter(({reference}) => isSameRepository(reference.repository, repository))
    const listed = states.find((state) => isSameRepository(state.repository, repository))?.tags
    if (own.some(({before}) => before !== undefined) || (listed ?? []).length > 0) return []
    return [{repository, tags: own.map(({reference}) => reference.tag), isCertain: listed !== undefined}]
  })
}
