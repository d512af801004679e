import type {ErrorCode} from '../errors/causes.ts'
import {errorMessage, TagboatError} from '../errors/error.ts'
import {errorCode} from '../errors/node-error.ts'
import type {Hide} from '../errors/known-secrets.ts'
import {namedAddressRemedy} from '../errors/named-address.ts'
import {saysFull} from '../errors/quota.ts'
import type {Access} from './auth/scope.ts'
import {parseErrorBody, type RegistryErrorEntry} from './error-body.ts'
import {isEcr} from '../oci/ecr.ts'
import {ghcrHost} from './hosts.ts'
import {isWithoutTls} from './insecure.ts'
import {NamedAddressError} from './named-address.ts'
import {redactText, redactUrl} from './redact.ts'

/** Request, for error messages. */
export interface RequestInfo {
  readonly host: string
  readonly method: string
  readonly url: URL
  /** Purpose of the request, which determines the meaning of a refusal. */
  readonly access: Access
  /** Repository of the user. */
  readonly repository: string
  /** The request had credentials. */
  readonly authenticated: boolean
  readonly hide: Hide
}

/** Response with an error status. */
interface ErrorResponse {
  readonly status: number
  readonly body: Uint8Array
}

/** Creates the error for an error response. */
export function failure(request: RequestInfo, {status, body}: ErrorResponse): TagboatError {
  const entries = parseErrorBody(body, request.hide)
  const code = errorCodeOf(request, status, entries)
  const hidden = !request.authenticated && [401, 403, 404].includes(status)
  const evidence = [
    `${request.method} ${redactUrl(request.url, request.hide)}: ${status}${hidden ? ', without credentials' : ''}`,
    ...entries.map((entry) => [entry.code, entry.message].filter((part) => part !== '').join(': ')),
  ]
  return new TagboatError(code, {
    message: messageOf(code, request),
    evidence,
    isAbsent: statesAbsence(code, status, entries),
  })
}

const unknownContent = new Set(['BLOB_UNKNOWN', 'MANIFEST_UNKNOWN'])

/**
 * Reports whether a response states that the content, or its repository, does not exist. A failure of the registry and a
 * refusal state nothing about the content.
 */
function statesAbsence(code: ErrorCode, status: number, entries: readonly RegistryErrorEntry[]): boolean {
  if (code === 'repository-missing' || code === 'ecr-repository-missing') return true
  if (code !== 'registry-failed' || status >= 500) return false
  return status === 404 || entries.some((entry) => unknownContent.has(entry.code))
}

/** Creates the error for a request without a response, from the registry or from an address that the registry named. */
export function unreachable(
  request: Pick<RequestInfo, 'host' | 'method' | 'url' | 'hide'>,
  error: unknown,
): TagboatError {
  const {host, method, hide} = request
  const message = errorMessage(error)
  const code = errorCode(error)
  const shown = [...(code === undefined || message.includes(code) ? [] : [code]), redactText(message, hide)].join(': ')
  const url = error instanceof NamedAddressError ? error.url : request.url
  return new TagboatError('registry-unreachable', {
    message: `${host} did not respond.`,
    ...(isWithoutTls(error) && {message: `${host} responded without TLS.`, remedy: withoutTlsRemedy}),
    ...(error instanceof NamedAddressError && {
      message: `${host} names ${hide(url.origin)} for ${error.use}, but that address did not respond.`,
      remedy: namedAddressRemedy,
    }),
    evidence: [`${method} ${redactUrl(url, hide)}: ${shown}`],
    cause: error,
  })
}

const withoutTlsRemedy =
  'If this registry uses plain HTTP, add its host to `insecure-registries` in the daemon.json of the engine (/etc/docker/daemon.json). Otherwise check the port in `images`.'

const denials = new Set(['DENIED', 'UNAUTHORIZED'])
const immutable = /immutable|cannot be overwritten|tag is locked|ImageTagAlreadyExists/i

function errorCodeOf(request: RequestInfo, status: number, entries: readonly RegistryErrorEntry[]): ErrorCode {
  const codes = entries.map(({code}) => code)
  if (status === 429 || codes.includes('TOOMANYREQUESTS')) return 'rate-limited'
  if (isFull(request, status, entries)) return 'quota-exceeded'
  if (status >= 500) return 'registry-failed'
  if (isTagRefusal(request, status, entries)) return 'tag-immutable'
  if (status === 401 || status === 403 || codes.some((code) => denials.has(code))) return denialOf(request)
  if (codes.includes('NAME_UNKNOWN') || (status === 404 && codes.length === 0)) {
    return isEcr(request.host) ? 'ecr-repository-missing' : 'repository-missing'
  }
  return 'registry-failed'
}

/** Reports whether the quota is exhausted. Harbor uses the code and status of a denial. */
function isFull({access}: RequestInfo, status: number, entries: readonly RegistryErrorEntry[]): boolean {
  return access === 'push' && (status === 507 || entries.some((one) => saysFull(`${one.code} ${one.message}`)))
}

/**
 * Reports whether the tag is immutable. ECR responds with 400 and TAG_INVALID, Harbor with 412 and PRECONDITION, Azure
 * and others with 409 or a denial. All of them name the reason, or report a conflict for the PUT of a tag.
 */
function isTagRefusal({method, url}: RequestInfo, status: number, entries: readonly RegistryErrorEntry[]): boolean {
  if (method !== 'PUT' || !url.pathname.includes('/manifests/')) return false
  const isByTag = !url.pathname.includes('/manifests/sha256:')
  return (
    isByTag && (status === 409 || status === 412 || entries.some((one) => immutable.test(`${one.code} ${one.message}`)))
  )
}

function denialOf({host, access}: RequestInfo): ErrorCode {
  if (access === 'pull') return 'pull-denied'
  return host === ghcrHost ? 'push-denied-ghcr' : 'push-denied'
}

function messageOf(code: ErrorCode, {host, repository}: RequestInfo): string {
  switch (code) {
    case 'rate-limited':
      return `The rate limit of ${host} is exceeded.`
    case 'tag-immutable':
      return `The tag of ${repository} is immutable.`
    case 'pull-denied':
      return `${host} denied read access to ${repository}.`
    case 'push-denied':
    case 'push-denied-ghcr':
      return `${host} denied the push to ${repository}.`
    case 'quota-exceeded':
      return `The quota of ${host} for ${repository} is exhausted.`
    case 'ecr-repository-missing':
      return `The Amazon ECR repository ${repository} does not exist.`
    case 'repository-missing':
      return `The repository ${repository} does not exist.`
    default:
      return `${host} responded with an unexpected error.`
  }
}
