import type {ErrorCode} from '../src/errors/catalogue.ts'
import {faults, type FaultName, type FaultPlan} from './fault-relay.ts'
import {tokenPath} from './memory-registry/token-desk.ts'
import {registryError, type RelayedRequest} from './relay.ts'

/** How a run ends that meets with a fault for ever. */
export type Ending =
  | {readonly kind: 'fails'; readonly code: ErrorCode}
  /** What the fault broke was not needed, or was found done. */
  | {readonly kind: 'succeeds'}
  /** Without the list of tags nobody can say which is the highest: exact tags alone are given. */
  | {readonly kind: 'keeps floating tags'}

/** One kind of request that a run makes. */
export interface RequestClass {
  readonly name: string
  readonly command: 'publish' | 'promote'
  readonly meets: FaultPlan['meets']
  readonly answer?: FaultPlan['answer']
  /** What a login means there that is refused for ever. */
  readonly denied: Ending
  /** How a run ends whose requests take effect, but whose answers are lost for ever; else it fails as without an answer. */
  readonly lost?: Ending
  /** What the tags hold when the run has failed. */
  readonly after: 'old' | 'new'
}

const floating = ['1', '1.2', 'latest']

const publishClasses: readonly Omit<RequestClass, 'command'>[] = [
  {
    name: 'ping',
    meets: ({path}) => path === '/v2/',
    // It is what a registry with tokens answers anyway.
    denied: {kind: 'succeeds'},
    after: 'old',
  },
  {
    name: 'token',
    meets: ({path}) => path.startsWith(tokenPath),
    denied: fails('pull-denied'),
    after: 'old',
  },
  {
    name: 'tag list',
    meets: ({method, path}) => method === 'GET' && path.includes('/tags/list'),
    denied: {kind: 'keeps floating tags'},
    after: 'old',
  },
  {
    name: 'manifest HEAD',
    meets: ({method, path}) => method === 'HEAD' && path.includes('/manifests/'),
    denied: fails('pull-denied'),
    after: 'old',
  },
  {
    name: 'manifest GET of the read-back',
    meets: (request, earlier) =>
      request.method === 'GET' && isOneOf(request, floating) && earlier.some((one) => isTagPut(one, floating)),
    denied: fails('pull-denied'),
    after: 'new',
  },
  {
    name: 'manifest PUT by digest',
    meets: ({method, path}) => method === 'PUT' && path.includes('/manifests/sha256:'),
    denied: fails('push-denied'),
    after: 'old',
  },
  {
    name: 'tag PUT',
    meets: ({method, path}) => method === 'PUT' && /\/manifests\/[^:]+$/.test(path),
    denied: fails('push-denied'),
    after: 'old',
    // Before a retry the tag is looked at: it holds what was put.
    lost: {kind: 'succeeds'},
  },
  {
    name: 'tag PUT of floating tags',
    meets: (request) => isTagPut(request, floating),
    denied: fails('push-denied'),
    after: 'old',
    // Before a retry the tag is looked at: it holds what was put.
    lost: {kind: 'succeeds'},
  },
  {
    name: 'tag PUT of one floating tag',
    meets: (request) => isTagPut(request, ['latest']) && request.path.includes('/two/'),
    denied: fails('push-denied'),
    after: 'old',
    // Before a retry the tag is looked at: it holds what was put.
    lost: {kind: 'succeeds'},
  },
  {
    name: 'blob HEAD',
    meets: ({method, path}) => method === 'HEAD' && path.includes('/blobs/'),
    denied: fails('pull-denied'),
    after: 'old',
  },
  {
    name: 'upload POST',
    meets: ({method, path}) => method === 'POST' && path.endsWith('/blobs/uploads/'),
    denied: fails('push-denied'),
    after: 'old',
  },
  {
    name: 'upload PATCH',
    meets: ({method}) => method === 'PATCH',
    answer: refuseWhole,
    denied: fails('push-denied'),
    after: 'old',
  },
  {
    name: 'upload PUT',
    meets: isUploadPut,
    denied: fails('push-denied'),
    // The next try finds the blob there.
    lost: {kind: 'succeeds'},
    after: 'old',
  },
  {
    name: 'mount',
    meets: ({method, path}) => method === 'POST' && path.includes('mount='),
    // What is not mounted is uploaded; whether that is allowed shows there.
    denied: {kind: 'succeeds'},
    after: 'old',
  },
]

export const requestClasses: readonly RequestClass[] = [
  ...publishClasses.map((one) => ({...one, command: 'publish'}) as const),
  {
    name: 'manifest GET',
    command: 'promote',
    meets: ({method, path}) => method === 'GET' && path.includes('/manifests/'),
    denied: fails('pull-denied'),
    after: 'old',
  },
  {
    name: 'blob GET',
    command: 'promote',
    meets: ({method, path}) => method === 'GET' && path.includes('/blobs/sha256:'),
    denied: fails('pull-denied'),
    after: 'old',
  },
]

/** How a run ends that meets with this fault whenever it asks. */
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

/** A proxy in front of a registry that limits a request: then blobs go in chunks. */
function refuseWhole(request: RelayedRequest): ReturnType<NonNullable<FaultPlan['answer']>> {
  const isWhole = isUploadPut(request) && request.headers['content-length'] !== '0'
  return isWhole ? registryError(413, 'SIZE_INVALID', 'too large for this test') : undefined
}
