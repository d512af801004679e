import type {EcrAnswer, EcrApi} from '../../credentials/cloud/ecr-api.ts'
import {TagboatError} from '../../errors/error.ts'
import {parseEcrHost, repositoryArn} from '../../oci/ecr.ts'
import {field} from '../../oci/manifest.ts'
import {formatRepository, type Repository} from '../../oci/reference.ts'

/** Refusal of a request to Amazon ECR. */
export type EcrRefusal = Extract<EcrAnswer, {readonly ok: false}>

/** Requests about one repository of Amazon ECR. */
export interface EcrRequests {
  readonly repository: Repository
  /** Whether the registry is public.ecr.aws, whose images have no status, and whose repositories have no lifecycle policy. */
  readonly isPublic: boolean
  /** Sends a request with the names of registry and repository. @throws TagboatError if AWS does not respond. */
  call(operation: string, body?: object): Promise<EcrAnswer>
}

/** Opens the requests about a repository. Nothing is requested yet. */
export function ecrRequests(repository: Repository, api: EcrApi): EcrRequests {
  const host = parseEcrHost(repository.host)
  if (host?.kind === 'public') return publicRequests(repository, api)
  // Without the account of the registry, Amazon ECR takes that of the identity.
  const registry = host === undefined ? {} : {registryId: host.account}
  const named = {...registry, repositoryName: repository.path}
  return {repository, isPublic: false, call: async (operation, body) => api.call(operation, {...named, ...body})}
}

/** The first part of a public name is the alias of the registry: `public.ecr.aws/alias/team/app`. */
function publicRequests(repository: Repository, api: EcrApi): EcrRequests {
  const [alias = '', ...rest] = repository.path.split('/')
  let registry: Promise<string> | undefined
  return {
    repository,
    isPublic: true,
    async call(operation, body) {
      // Images are described by the account of a registry only, and those of the identity without it.
      registry ??= registryOf(alias, repository, api)
      return api.call(operation, {registryId: await registry, repositoryName: rest.join('/'), ...body})
    },
  }
}

/**
 * Account of the public registry with an alias. It must be that of the identity.
 * https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_DescribeRegistries.html
 */
async function registryOf(alias: string, repository: Repository, api: EcrApi): Promise<string> {
  const answer = await api.call('DescribeRegistries', {})
  if (!answer.ok) throw requestRefused(answer, {repository, operation: 'DescribeRegistries'})
  const found = entriesOf(answer.value, 'registries').find((registry) =>
    entriesOf(registry, 'aliases').some((one) => field(one, 'name') === alias),
  )
  const account = field(found, 'registryId')
  if (typeof account === 'string') return account
  throw new TagboatError('ecr-denied', {
    message: `The public registry ${alias} is not that of this identity.`,
    evidence: ['DescribeRegistries: no registry of the identity has this alias'],
    remedy: `Check \`images\`, and use the identity of the account that owns ${repository.host}/${alias}.`,
  })
}

/** Error for a refused request. */
export function requestRefused(
  refusal: EcrRefusal,
  {repository, operation}: {readonly repository: Repository; readonly operation: string},
): TagboatError {
  const isDenied = refusal.exception === 'AccessDeniedException'
  const name = formatRepository(repository)
  return new TagboatError(isDenied ? 'ecr-denied' : 'aws-failed', {
    message: isDenied ? `Amazon ECR denied ${operation} for ${name}.` : `${operation} for ${name} failed.`,
    evidence: [formatRefusal(refusal)],
    remedy: isDenied ? rightsRemedy(repository, [operation]) : undefined,
  })
}

/** Line with the request, its status and the exception. */
export function formatRefusal({line, exception, message}: EcrRefusal): string {
  return `${line}: ${[exception, message].filter((part) => part !== '').join(': ')}`
}

/** Remedy that names the actions of a policy, and its resource. */
export function rightsRemedy(repository: Repository, operations: readonly string[]): string {
  const isPublic = parseEcrHost(repository.host)?.kind === 'public'
  const actions = operations.map((operation) => `${isPublic ? 'ecr-public' : 'ecr'}:${operation}`)
  // DescribeRegistries has no resource.
  const resource = operations.includes('DescribeRegistries') ? '*' : (repositoryArn(repository) ?? 'the repository')
  return `Allow ${actions.join(' and ')} on ${resource} in a policy of this identity.`
}

/** Entries of a list in a response; none if it does not exist. */
export function entriesOf(value: unknown, name: string): readonly unknown[] {
  const list = field(value, name)
  return Array.isArray(list) ? list : []
}
