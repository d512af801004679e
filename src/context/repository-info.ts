import type {GitContext, RepositoryInfo} from './git-context.ts'
import {fieldAt, flagAt, textAt} from './payload.ts'

/** Facts about a repository from GitHub. The other fields of RepositoryInfo come from the run. */
export type RepositoryFacts = Pick<RepositoryInfo, 'defaultBranch' | 'description' | 'license' | 'isFork'>

/** Name of a fact about a repository. */
type RepositoryFact = keyof RepositoryFacts

/**
 * Parses a repository of a payload or of the response of "Get a repository"
 * (https://docs.github.com/en/rest/repos/repos#get-a-repository), which have the same fields.
 */
export function parseRepositoryFacts(repository: unknown): RepositoryFacts {
  return {
    defaultBranch: textAt(repository, 'default_branch'),
    description: textAt(repository, 'description'),
    license: spdxIdentifier(repository),
    isFork: flagAt(repository, 'fork'),
  }
}

/**
 * Lists the facts to request from the API. A payload with a repository always has its default branch. If it is missing,
 * all facts are; otherwise a missing description or licence does not exist, and no request is needed.
 */
export function missingRepositoryFacts({repository}: GitContext): readonly RepositoryFact[] {
  if (repository.defaultBranch !== undefined) return []
  const facts: readonly RepositoryFact[] = ['defaultBranch', 'description', 'license', 'isFork']
  return facts.filter((fact) => repository[fact] === undefined)
}

/** Adds missing facts to the context. Facts of the event have priority. */
export function withRepositoryFacts(context: GitContext, facts: RepositoryFacts): GitContext {
  const {repository} = context
  return {
    ...context,
    repository: {
      ...repository,
      defaultBranch: repository.defaultBranch ?? facts.defaultBranch,
      description: repository.description ?? facts.description,
      license: repository.license ?? facts.license,
      isFork: repository.isFork ?? facts.isFork,
    },
  }
}

/** SPDX identifier of the licence. Undefined for NOASSERTION, which GitHub uses for an unknown licence. */
function spdxIdentifier(repository: unknown): string | undefined {
  const identifier = textAt(fieldAt(repository, 'license'), 'spdx_id')
  return identifier === 'NOASSERTION' ? undefined : identifier
}
