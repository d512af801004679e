import type {GitContext, RepositoryInfo} from './git-context.ts'
import {fieldAt, flagAt, textAt} from './payload.ts'

/** What GitHub says of a repository; the rest of RepositoryInfo follows from the run itself. */
export type RepositoryFacts = Pick<RepositoryInfo, 'defaultBranch' | 'description' | 'license' | 'isFork'>

export type RepositoryFact = keyof RepositoryFacts

/**
 * A repository as it stands in payloads and in the answer of "Get a repository"
 * (https://docs.github.com/en/rest/repos/repos#get-a-repository): the fields have the same names.
 */
export function parseRepositoryFacts(answer: unknown): RepositoryFacts {
  return {
    defaultBranch: textAt(answer, 'default_branch'),
    description: textAt(answer, 'description'),
    license: spdxIdentifier(answer),
    isFork: flagAt(answer, 'fork'),
  }
}

/**
 * What is worth asking the API for. Every payload with a repository has its default branch, so without one all is
 * missing, and with one an absent description or licence means that there is none: no call.
 */
export function missingRepositoryFacts({repository}: GitContext): readonly RepositoryFact[] {
  if (repository.defaultBranch !== undefined) return []
  const facts: readonly RepositoryFact[] = ['defaultBranch', 'description', 'license', 'isFork']
  return facts.filter((fact) => repository[fact] === undefined)
}

/** The context with what it lacked; what the event said stays. */
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

/** GitHub says NOASSERTION where it found a licence that it does not know: no identifier for a label. */
function spdxIdentifier(answer: unknown): string | undefined {
  const identifier = textAt(fieldAt(answer, 'license'), 'spdx_id')
  return identifier === 'NOASSERTION' ? undefined : identifier
}
