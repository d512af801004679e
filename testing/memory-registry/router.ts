import {answer, noSuchPath} from './answers.ts'
import {accessOf, refusal, tokenAnswer} from './authorization.ts'
import {blobs, storage} from './blobs.ts'
import {referrers, tagList} from './listing.ts'
import {manifests} from './manifests.ts'
import type {RequestContext} from './request-context.ts'
import type {Store} from './store.ts'
import {tokenPath, type TokenService} from './token-service.ts'
import type {Answer, IncomingRequest, MemoryRegistryOptions} from './types.ts'
import {uploads} from './uploads.ts'

/** Registry without a network: a synchronous function from requests to answers. */
export interface RegistryCore {
  readonly options: MemoryRegistryOptions
  readonly store: Store
  /** Token server of the registry, if it has one. */
  readonly tokens: TokenService | undefined
}

export function respond(core: RegistryCore, request: IncomingRequest): Answer {
  const {host} = new URL(request.origin)
  const answered = route(core, request, host)
  return request.method === 'HEAD' ? {...answered, body: Buffer.alloc(0)} : answered
}

function route(core: RegistryCore, request: IncomingRequest, host: string): Answer {
  const {tokens, options, store} = core
  const isServed = tokens !== undefined && host !== tokens.registryHost
  if (tokens !== undefined && (host === tokens.host || (isServed && request.path === tokenPath))) {
    return request.path === tokenPath ? tokenAnswer(request, tokens) : noSuchPath()
  }
  if (options.blobOrigin !== undefined && host === new URL(options.blobOrigin).host) return storage(request, store)
  if (options.maxBodyBytes !== undefined && request.body.length > options.maxBodyBytes) {
    return answer(413, {'content-type': 'text/plain'}, 'Payload Too Large')
  }
  return api(core, request)
}

/** Component of a repository name. Other names match no path of the API. */
const component = '[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*'
const apiPattern = new RegExp(
  `^/v2/(${component}(?:/${component})*)/(tags/list|manifests|blobs/uploads|blobs|referrers)(?:/([^/]*))?$`,
)

function api(core: RegistryCore, request: IncomingRequest): Answer {
  const {options, store, tokens} = core
  const found = apiPattern.exec(request.path)
  if (request.path !== '/v2/' && found === null) return noSuchPath()
  const [, name, part, reference = ''] = found ?? []
  const access = accessOf(request, name)
  const refused = refusal(request, access, options.auth ?? {kind: 'anonymous'}, tokens)
  if (refused !== undefined) return refused
  if (name === undefined)
    return request.method === 'GET'
      ? answer(200, {'content-type': 'application/json; charset=utf-8'}, '{}')
      : answer(405, {allow: 'GET'})
  const context: RequestContext = {request, options, store, name, repository: store.repositories.get(name)}
  return byPart(context, part, reference)
}

function byPart(context: RequestContext, part: string | undefined, reference: string): Answer {
  switch (part) {
    case 'tags/list':
      return tagList(context)
    case 'manifests':
      return manifests(context, reference)
    case 'blobs/uploads':
      return uploads(context, reference)
    case 'blobs':
      return blobs(context, reference)
    case 'referrers':
      return referrers(context, reference)
    default:
      return noSuchPath()
  }
}
