import type {ErrorCode} from '../src/errors/causes.ts'
import {faults, type FaultName, type FaultPlan} from './fault-relay.ts'
import {tokenPath} from './memory-registry/token-service.ts'
import {registryError, type RelayedRequest} from './relay.ts'

/** End of a run whose requests of one class always fail. */
export type Ending =
  | {readonly kind: 'fails'; readonly code: ErrorCode}
  /** The request was not necessary, or had its effect before. */
  | {readonly kind: 'succeeds'}
  /** Only exact tags move, because the highest version is unknown without the list of tags. */
  | {readonly kind: 'keeps floating tags'}

/** Class of requests that a run sends. */
export interface RequestClass {
  readonly name: string
  readonly command: 'publish' | 'promote'
  readonly matches: FaultPlan['matches']
  readonly answer?: FaultPlan['answer']
  /** End of a run whose login is always refused. */
  readonly denied: Ending
  /** End of a run whose requests take effect, but whose answers are always lost. Default: as without an answer. */
  readonly lost?: Ending
  /** Digests of the tags after a failed run. */
  readonly after: 'old' | 'new'
}

const floating = ['1', '1.2', 'latest']

const publishClasses: readonly Omit<RequestClass, 'command'>[] = [
  {
    name: 'ping',
    matches: ({path}) => path === '/v2/',
    // A registry with tokens always answers 401 to an anonymous ping.
    denied: {kind: 'succeeds'},
    after: 'old',
  },
  {
    name: 'token',
    matches: ({path}) => path.startsWith(tokenPath),
    denied: fails('pull-denied'),
    after: 'old',
  },
  {
    name: 'tag list',
    matches: ({method, path}) => method === 'GET' && path.includes('/tags/list'),
    denied: {kind: 'keeps floating tags'},
    after: 'old',
  },
  {
    name: 'manifest HEAD',
    matches: ({method, path}) => method === 'HEAD' && path.includes('/manifests/'),
    denied: fails('pull-denied'),
    after: 'old',
  },
  {
    name: 'manifest GET of the read-back',
    matches: (request, earlier) =>
      request.method === 'GET' && isOneOf(request, floating) && earlier.some((one) => isTagPut(one, floating)),
    denied: fails('pull-denied'),
    after: 'new',
  },
  {
    name: 'manifest PUT by digest',
    matches: ({method, path}) => method === 'PUT' && path.includes('/manifests/sha256:'),
    denied: fails('push-denied'),
    after: 'old',
  },
  {
    name: 'tag PUT',
    matches: ({method, path}) => method === 'PUT' && /\/manifests\/[^:]+$/.test(path),
    denied: fails('push-denied'),
    after: 'old',
    // The tag is read before a retry, and points to the digest of the PUT.
    lost: {kind: 'succeeds'},
  },
  {
    name: 'tag PUT of floating tags',
    matches: (request) => isTagPut(request, floating),
    denied: fails('push-denied'),
    after: 'old',
    // The tag is read before a retry, and points to the digest of the PUT.
    lost: {kind: 'succeeds'},
  },
  {
    name: 'tag PUT of one floating tag',
    matches: (request) => isTagPut(request, ['latest']) && request.path.includes('/two/'),
    denied: fails('push-denied'),
    after: 'old',
    // The tag is read before a retry, and points to the digest of the PUT.
    lost: {kind: 'succeeds'},
  },
  {
    name: 'blob HEAD',
    matches: ({method, path}) => method === 'HEAD' && path.includes('/blobs/'),
    denied: fails('pull-denied'),
    after: 'old',
  },
  {
    name: 'upload POST',
    matches: ({method, path}) => method === 'POST' && path.endsWith('/blobs/uploads/'),
    denied: fails('push-denied'),
    after: 'old',
  },
  {
    name: 'upload PATCH',
    matches: ({method}) => method === 'PATCH',
    answer: refuseWhole,
    denied: fails('push-denied'),
    after: 'old',
  },
  {
    name: 'upload PUT',
    matches: isUploadPut,
    denied: fails('push-denied'),
    // The next attempt finds that the blob exists.
    lost: {kind: 'succeeds'},
    after: 'old',
  },
  {
    name: 'mount',
    matches: ({method, path}) => method === 'POST' && path.includes('mount='),
    // A blob that cannot be mounted is uploaded.
    denied: {kind: 'succeeds'},
    after: 'old',
  },
]

export const requestClasses: readonly RequestClass[] = [
  ...publishClasses.map((one) => ({...one, command: 'publish'}) as const),
  {
    name: 'manifest GET',
    command: 'promote',
    matches: ({method, path}) => method === 'GET' && path.includes('/manifests/'),
    denied: fails('pull-denied'),
    after: 'old',
  },
  {
    name: 'blob GET',
    command: 'promote',
    matches: ({method, path}) => method === 'GET' && path.includes('/blobs/sha256:'),
    denied: fails('pull-denied'),
    after: 'old',
  },
]

/** Returns the end of a run whose requests of a class always fail with this fault. */
export function endingOf({denied, lost}: RequestClass, name: FaultName): Ending {
  const fault = faults[name]
  switch (fault.kind) {
    case 'answer':
      return fails(fault.answer.status === 429 ? 'rate-limited' : 'registry-failed')
    case 'expired':
      return denied
    case 'cut':
    case 'reset-during':
      return lost ?? fails('registry-unreachable')
    default:
      return fails('registry-unreachable')
  }
}

function fails(code: ErrorCode): Ending {
  return {kind: 'fails', code}
}

function isOneOf({path}: RelayedRequest, tags: readonly string[]): boolean {
  return tags.some((tag) => path.endsWith(`/manifests/${tag}`))
}

function isTagPut(request: RelayedRequest, tags: readonly string[]): boolean {
  return request.method === 'PUT' && isOneOf(request, tags)
}

function isUploadPut({method, path}: RelayedRequest): boolean {
  return method === 'PUT' && path.includes('/blobs/uploads/')
}

/** Answer of a proxy that limits the size of a request, which makes the client upload in chunks. */
function refuseWhole(request: RelayedRequest): ReturnType<NonNullable<FaultPlan['answer']>> {
  const isWhole = isUploadPut(request) && request.headers['content-length'] !== '0'
  return isWhole ? registryError(413, 'SIZE_INVALID', 'too large for this test') : undefined
}
