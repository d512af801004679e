import type {EcrApi} from '../credentials/cloud/ecr-api.ts'
import {parseEcrHost} from '../oci/ecr.ts'
import {field} from '../oci/manifest.ts'
import type {Repository} from '../oci/reference.ts'
import type {FixedTags} from './fixed-tags.ts'

/**
 * Reads the settings of a repository of Amazon ECR:
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html. Undefined if that is denied, or
 * if the registry has no such settings; `missing` if the repository does not exist. Never rejects.
 */
export async function describeRepository(
  repository: Repository,
  ecr: EcrApi,
): Promise<FixedTags | 'missing' | undefined> {
  const host = parseEcrHost(repository.host)
  if (host?.kind !== 'private') return undefined
  try {
    const {account: registryId} = host
    const answer = await ecr.call('DescribeRepositories', {registryId, repositoryNames: [repository.path]})
    if (answer.ok) return settingsIn(answer.value)
    return answer.exception === 'RepositoryNotFoundException' ? 'missing' : undefined
  } catch {
    // The upload shows whether the identity may push.
    return undefined
  }
}

function settingsIn(value: unknown): FixedTags | undefined {
  const repositories = field(value, 'repositories')
  const first: unknown = Array.isArray(repositories) ? repositories[0] : undefined
  const mutability = field(first, 'imageTagMutability')
  if (typeof mutability !== 'string') return undefined
  const filters = field(first, 'imageTagMutabilityExclusionFilters')
  const texts = (Array.isArray(filters) ? filters : []).map((filter) => field(filter, 'filter'))
  return {kind: 'settings', mutability, filters: texts.filter((text) => typeof text === 'string')}
}
