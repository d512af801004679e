import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {json} from './github-tokens.ts'

/** Repository as a stand-in for the API of Amazon ECR stores it. */
export interface EcrRepository {
  readonly settings: Readonly<Record<string, unknown>>
  lifecycle?: string
  policy?: string
}

/** Stand-in for the repositories of Amazon ECR. It refuses what the API reference refuses, in the words of AWS. */
export interface EcrRepositories {
  readonly stored: Map<string, EcrRepository>
  /** Operations in order. */
  readonly operations: readonly string[]
  /** Answers a request about repositories; undefined for other operations. */
  readonly answer: (request: HttpRequest) => HttpResponse | undefined
}

interface EcrRepositoriesOptions {
  /** Operations that a policy allows. Default: all. */
  readonly allowed?: readonly string[]
  /** Account of the identity, whose registry a request without `registryId` is about. Default: that of the stand-in. */
  readonly caller?: string
  /** Whether another run creates each repository right before this one. */
  readonly isRace?: boolean
}

const prefixes = {'api.ecr': 'AmazonEC2ContainerRegistry_V20150921', 'api.ecr-public': 'SpencerFrontendService'}
const mutabilities = ['MUTABLE', 'IMMUTABLE', 'IMMUTABLE_WITH_EXCLUSION', 'MUTABLE_WITH_EXCLUSION']
const namePattern = /^(?=.{2,256}$)[a-z0-9]+(?:[._-][a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-][a-z0-9]+)*)*$/

/** https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_CreateRepository.html */
const publicFields = ['repositoryName', 'catalogData', 'tags']

const account = '123456789012'

export function ecrRepositories({
  allowed,
  caller = account,
  isRace = false,
}: EcrRepositoriesOptions = {}): EcrRepositories {
  const stored = new Map<string, EcrRepository>()
  const ofCaller = caller === account ? stored : new Map<string, EcrRepository>()
  const operations: string[] = []
  const perform = (operation: string, body: Readonly<Record<string, unknown>>): HttpResponse | undefined => {
    const name = textOf(body, 'repositoryName')
    const registry = textOf(body, 'registryId', caller) === account ? stored : ofCaller
    switch (operation) {
      case 'DescribeRepositories': {
        const names = Array.isArray(body['repositoryNames']) ? body['repositoryNames'].map(String) : []
        const found = names.flatMap((one) => registry.get(one)?.settings ?? [])
        return found.length === names.length
          ? json(200, {repositories: found})
          : exception('RepositoryNotFoundException', `The repository with name '${names.join()}' does not exist`)
      }
      case 'CreateRepository':
        if (isRace) registry.set(name, {settings: {repositoryName: name}})
        return create(name, body, registry)
      case 'PutLifecyclePolicy': {
        const text = String(body['lifecyclePolicyText'])
        if (text.length < 100 || text.length > 30_720)
          return exception('InvalidParameterException', 'lifecyclePolicyText')
        return change(name, registry, (repository) => (repository.lifecycle = text))
      }
      case 'SetRepositoryPolicy':
        return change(name, registry, (repository) => (repository.policy = String(body['policyText'])))
      default:
        return undefined
    }
  }
  return {
    stored,
    operations,
    answer({url, headers, body}) {
      const service = url.host.split('.').slice(0, 2).join('.')
      const [prefix, operation = ''] = (headers['x-amz-target'] ?? '').split('.')
      if (prefix === undefined || !Object.entries(prefixes).some(([host, one]) => host === service && one === prefix))
        return undefined
      if (operation === 'GetAuthorizationToken') return undefined
      operations.push(operation)
      const scope = `/${service === 'api.ecr' ? 'ecr' : 'ecr-public'}/aws4_request`
      if (headers['authorization']?.includes(scope) !== true)
        return exception('InvalidSignatureException', 'Credential should be scoped to correct service')
      if (allowed?.includes(operation) === false)
        return exception(
          'AccessDeniedException',
          `User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ${service.replace('api.', '')}:${operation}`,
        )
      const text = body instanceof Uint8Array ? Buffer.from(body).toString() : '{}'
      const fields = JSON.parse(text) as Readonly<Record<string, unknown>>
      const unknown = Object.keys(fields).find((name) => service !== 'api.ecr' && !publicFields.includes(name))
      if (unknown !== undefined) return exception('SerializationException', unknown)
      return perform(operation, fields)
    },
  }
}

function create(
  name: string,
  body: Readonly<Record<string, unknown>>,
  stored: Map<string, EcrRepository>,
): HttpResponse {
  if (!namePattern.test(name)) return exception('InvalidParameterException', 'repositoryName')
  if (stored.has(name))
    return exception('RepositoryAlreadyExistsException', `The repository with name '${name}' already exists`)
  const mutability = textOf(body, 'imageTagMutability', 'MUTABLE')
  const filters = Array.isArray(body['imageTagMutabilityExclusionFilters'])
    ? body['imageTagMutabilityExclusionFilters']
    : []
  if (
    !mutabilities.includes(mutability) ||
    mutability.endsWith('EXCLUSION') !== filters.length > 0 ||
    filters.length > 5
  )
    return exception('InvalidParameterException', 'imageTagMutability')
  stored.set(name, {settings: {...body, imageTagMutability: mutability}})
  return json(200, {repository: {repositoryName: name}})
}

function change(
  name: string,
  stored: Map<string, EcrRepository>,
  apply: (repository: EcrRepository) => void,
): HttpResponse {
  const repository = stored.get(name)
  if (repository === undefined) return exception('RepositoryNotFoundException', name)
  apply(repository)
  return json(200, {repositoryName: name})
}

function exception(type: string, message: string): HttpResponse {
  return json(400, {__type: type, message})
}

function textOf(body: Readonly<Record<string, unknown>>, key: string, fallback = ''): string {
  const value = body[key]
  return typeof value === 'string' ? value : fallback
}
