import type {Http, HttpResponse} from '../../src/io/http.ts'
import {isDigest} from '../../src/oci/digest.ts'
import {memoryRegistry, type MemoryRegistry} from '../memory-registry.ts'
import {awsDouble} from './aws.ts'
import {withEcrRules, type EcrBackend, type EcrResponse} from './ecr-rules.ts'
import {gitHubTokens, json} from './github-tokens.ts'

/** Stand-in for Amazon ECR: its registry, and its API with the rules of `withEcrRules`. */
export interface EcrRegistry {
  readonly registry: MemoryRegistry
  readonly http: Http
  /** Times of the push by digest, in seconds. */
  readonly pushed: Map<string, number>
  /** Operations of the API that a policy does not allow. */
  readonly denied: Set<string>
  /** Operations of the API in order. */
  readonly operations: readonly string[]
}

const account = '123456789012'
const password = `canary-password-of-${account}`
const target = 'AmazonEC2ContainerRegistry_V20150921.'

/** Opens a registry with one repository, and its lifecycle policy. */
export function ecrRegistry(path: string, lifecyclePolicyText?: string): EcrRegistry {
  const host = `${account}.dkr.ecr.eu-west-1.amazonaws.com`
  const registry = memoryRegistry({host, auth: {kind: 'basic', users: {AWS: password}}})
  const inner = registry.http()
  const aws = awsDouble({tokens: gitHubTokens(), account, roles: {}})
  const pushed = new Map<string, number>()
  const denied = new Set<string>()
  const operations: string[] = []
  const images = withEcrRules(imagesOf(registry, {path, pushed}))
  const perform = async (operation: string, body: Readonly<Record<string, unknown>>): Promise<EcrResponse> => {
    if (body['registryId'] !== account || body['repositoryName'] !== path)
      return exception('RepositoryNotFoundException')
    if (denied.has(operation)) return exception('AccessDeniedException')
    if (operation !== 'GetLifecyclePolicy') return images(operation, body)
    return lifecyclePolicyText === undefined
      ? exception('LifecyclePolicyNotFoundException')
      : {status: 200, body: {lifecyclePolicyText}}
  }
  const send = async (request: Parameters<Http['send']>[0]): Promise<HttpResponse> => {
    if (request.url.host === host) return inner.send(request)
    const operation = (request.headers['x-amz-target'] ?? '').replace(target, '')
    operations.push(operation)
    if (operation === 'GetAuthorizationToken') return aws.answer(request) ?? json(404, {})
    const text = request.body instanceof Uint8Array ? Buffer.from(request.body).toString() : '{}'
    const {status, body} = await perform(operation, JSON.parse(text) as Readonly<Record<string, unknown>>)
    return json(status, body)
  }
  return {registry, http: {...inner, send}, pushed, denied, operations}
}

function exception(type: string): EcrResponse {
  return {status: 400, body: {__type: type, message: `refused: ${type}`}}
}

interface ImageId {
  readonly imageDigest?: string
  readonly imageTag?: string
}

/** Images of a repository, without the rules that protect them. */
function imagesOf(
  registry: MemoryRegistry,
  {path, pushed}: {readonly path: string; readonly pushed: ReadonlyMap<string, number>},
): EcrBackend {
  const inner = registry.http()
  const headers = {authorization: `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`}
  const remove = async (reference: string): Promise<boolean> => {
    const url = new URL(`https://${registry.host}/v2/${path}/manifests/${reference}`)
    return (await inner.send({method: 'DELETE', url, headers})).status === 202
  }
  return async (operation, {imageIds}) => {
    const {tags = {}, manifests = []} = registry.snapshot()[path] ?? {}
    const ids = (imageIds ?? manifests.map((imageDigest) => ({imageDigest}))) as readonly ImageId[]
    const digests = ids.flatMap(({imageDigest, imageTag}) => imageDigest ?? tags[imageTag ?? ''] ?? [])
    const found = digests.filter((digest) => isDigest(digest) && manifests.includes(digest))
    switch (operation) {
      case 'DescribeImages':
        if (found.length < ids.length) return exception('ImageNotFoundException')
        return {
          status: 200,
          body: {
            imageDetails: found.map((imageDigest) => ({
              imageDigest,
              imageTags: Object.keys(tags).filter((tag) => tags[tag] === imageDigest),
              imagePushedAt: pushed.get(imageDigest) ?? 1_760_000_000,
            })),
          },
        }
      case 'BatchGetImage': {
        const imageManifest = (digest: string): string =>
          isDigest(digest) ? (registry.manifest(path, digest)?.bytes.toString() ?? '') : ''
        const images = found.map((imageDigest) => ({imageId: {imageDigest}, imageManifest: imageManifest(imageDigest)}))
        return {status: 200, body: {images}}
      }
      case 'BatchDeleteImage': {
        const answers = await Promise.all(
          ids.map(async (id) => ({id, isGone: await remove(id.imageTag ?? id.imageDigest ?? '')})),
        )
        return {
          status: 200,
          body: {
            imageIds: answers
              .filter(({isGone}) => isGone)
              .map(({id}) => ({...(id.imageTag !== undefined && {imageDigest: tags[id.imageTag]}), ...id})),
            failures: answers
              .filter(({isGone}) => !isGone)
              .map(({id}) => ({imageId: id, failureCode: 'ImageNotFound', failureReason: 'it does not exist'})),
          },
        }
      }
      default:
        return exception('InvalidActionException')
    }
  }
}
