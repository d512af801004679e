import {answer, noSuchPath} from './answers.ts'
import {accessOf, refusal, tokenAnswer} from './authorization.ts'
import {blobs, storage} from './blobs.ts'
import {referrers, tagList} from './listing.ts'
import {manifests} from './manifests.ts'
import type {Question} from './question.ts'
import type {Store} from './store.ts'
import {tokenPath, type TokenDesk} from './token-desk.ts'
import type {Answer, IncomingRequest, MemoryRegistryOptions} from './types.ts'
import {uploads} from './uploads.ts'

/** A registry without its line: a request in, an answer out, at one moment. */
export interface RegistryCore {
  readonly options: MemoryRegistryOptions
  readonly store: Store
  /** Where the registry has a token server. */
  readonly desk: TokenDesk | undefined
}

export function respond(core: RegistryCore, request: IncomingRequest): Answer {
  const {host} = new URL(request.origin)
  const answered = route(core, request, host)
  return request.method === 'HEAD' ? {...answered, body: Buffer.alloc(0)} : answered
}

function route(core: RegistryCore, request: IncomingRequest, host: string): Answer {
  const {desk, options, store} = core
  const isServed = desk !== undefined && host !== desk.registryHost
  if (desk !== undefined && (host === desk.host || (isServed && request.path === tokenPath))) {
    return request.path === tokenPath ? tokenAnswer(request, desk) : noSuchPath()
  }
  if (options.blobOrigin !== undefined && host === new URL(options.blobOrigin).host) return storage(request, store)
  if (options.largestBodyBytes !== undefined && request.body.length > options.largestBodyBytes) {
    return answer(413, {'content-type': 'text/plain'}, 'Payload Too Large')
  }
  return api(core, request)
}

/** A name that the grammar does not know is in no path of the API. */
const component = '[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*'
const apiPattern = new RegExp(
  `^/v2/(${component}(?:/${component})*)/(tags/list|manifests|blobs/uploads|blobs|referrers)(?:/([^/]*))?$`,
)

function api(core: RegistryCore, request: IncomingRequest): Answer {
  const {options, store, desk} = core
  const found = apiPattern.exec(request.path)
  if (request.path !== '/v2/' && found === null) return noSuchPath()
  const [, name, part, reference = ''] = found ?? []
  const access = accessOf(request, name)
  const refused = refusal(request, access, options.auth ?? {kind: 'anonymous'}, desk)
  if (refused !== undefined) return refused
  if (name === undefined)
    return request.method === 'GET'
      ? answer(200, {'content-type': 'application/json; charset=utf-8'}, '{}')
      : answer(405, {allow: 'GET'})
  const question: Question = {request, options, store, name, repository: store.repositories.get(name)}
  return byPart(question, part, reference)
}

function byPart(question: Question, part: string | undefined, reference: string): Answer {
  switch (part) {
    case 'tags/list':
      return tagList(question)
    case 'manifests':
      return manifests(question, reference)
    case 'blobs/uploads':
      return uploads(question, reference)
    case 'blobs':
      return blobs(question, reference)
    case 'referrers':
      return referrers(question, reference)
    default:
      return noSuchPath()
  }
}
