import type {ErrorCode} from '../errors/causes.ts'
import {connectionDetails, reasonWithCode} from '../errors/connection-trouble.ts'
import {errorMessage, TagboatError} from '../errors/error.ts'
import {errorCode} from '../errors/node-error.ts'
import type {Hide} from '../errors/known-secrets.ts'
import {namedAddressRemedy} from '../errors/named-address.ts'
import {saysFull} from '../errors/quota.ts'
import type {Access} from './auth/scope.ts'
import {parseErrorBody, type RegistryErrorEntry} from './error-body.ts'
import {isEcr} from '../oci/ecr.ts'
import {ghcrHost} from '../oci/ghcr.ts'
import {NamedAddressError} from './named-address.ts'
import {redactText, redactUrl} from './redact.ts'
import {missingLoginRemedy} from './vendors/missing-login.ts'
import {isOracle, refusalOf} from './vendors/refusals.ts'

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
  /** The credentials replaced refused ones, and were not accepted yet. */
  readonly isReplaced?: boolean
  readonly hide: Hide
}

/** Response with an error status. */
interface ErrorResponse {
  readonly status: number
  readonly body: Uint8Array
  /** The registry refused a login of which it has not accepted any request before. */
  readonly isLoginRefused?: boolean
}

/** Creates the error for an error response. */
export function failure(request: RequestInfo, response: ErrorResponse): TagboatError {
  const {status, body} = response
  const entries = parseErrorBody(body, request.hide)
  const isUnexplained = isRefusedContent(request, status, body)
  const {code, remedy} = isUnexplained
    ? {code: 'quota-exceeded' as const, remedy: contentRemedy}
    : causeOf(request, response, entries)
  const message = isUnexplained
    ? `${request.host} refused content of ${request.repository} without a reason.`
    : messageOf(code, request)
  const hidden = !request.authenticated && [401, 403, 404].includes(status)
  const missingLogin = request.authenticated ? undefined : missingLoginRemedy(code, request.host)
  const evidence = [
    `${request.method} ${redactUrl(request.url, request.hide)}: ${status}${hidden ? ', without credentials' : ''}`,
    ...entries.map((entry) => [entry.code, entry.message].filter((part) => part !== '').join(': ')),
  ]
  return new TagboatError(code, {
    message: status === 507 ? `The storage of ${request.host} is full.` : message,
    remedy: status === 507 ? fullStorageRemedy : undefined,
    evidence,
    ...(remedy !== undefined && {remedy}),
    ...(missingLogin !== undefined && {remedy: missingLogin}),
    isAbsent: statesAbsence(code, status, entries),
  })
}

/**
 * Reports whether the registry accepted an upload and then refused its content without a reason. Gitea and Forgejo do so
 * if a quota is exhausted. A missing right is refused earlier.
 */
function isRefusedContent({access, method, url}: RequestInfo, status: number, body: Uint8Array): boolean {
  if (access !== 'push' || method !== 'PUT' || status !== 403 || body.byteLength > 0) return false
  return /\/(?:blobs\/uploads\/|manifests\/sha256:)/.test(url.pathname)
}

const contentRemedy =
  'Gitea and Forgejo respond like this if the packages of the owner exceed LIMIT_TOTAL_OWNER_SIZE or LIMIT_TOTAL_OWNER_COUNT, or a layer exceeds LIMIT_SIZE_CONTAINER: delete packages, or raise the limit. Behind a proxy, its rules can be the cause too.'

const fullStorageRemedy =
  'Free space in the storage of that registry: delete images and run its garbage collection, or enlarge its disk. The disk of this runner is not full.'

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
  const details = connectionDetails(`${code ?? ''} ${message}`, host)
  const shown =
    details === undefined
      ? [...(code === undefined || message.includes(code) ? [] : [code]), redactText(message, hide)].join(': ')
      : redactText(reasonWithCode(details, code), hide)
  const url = error instanceof NamedAddressError ? error.url : request.url
  return new TagboatError('registry-unreachable', {
    message: `${host} did not respond.`,
    ...(details && {message: redactText(details.message, hide), remedy: details.remedy}),
    ...(error instanceof NamedAddressError && {
      message: `${host} names ${hide(url.origin)} for ${error.use}, but that address did not respond.`,
      remedy: namedAddressRemedy,
    }),
    evidence: [`${method} ${redactUrl(url, hide)}: ${shown}`],
    cause: error,
  })
}

const denials = new Set(['DENIED', 'UNAUTHORIZED'])
const immutable =
  /immutab|cannot be overwritten|tag is locked|ImageTagAlreadyExists|does not allow updating assets|redeploy is not allowed/i
/** Nexus also refuses a further tag of a manifest that it has. */
const redeployRemedy =
  'Set the deployment policy of the repository in Nexus to "Allow redeploy": with "Disable redeploy", Nexus also refuses a tag for an image that it already has by digest.'

/** Nexus answers a login without the right like a wrong password. */
const unclearRemedy =
  'Check user name and password, and that this user may read and write the repository: the registry answers both cases alike.'

interface Cause {
  readonly code: ErrorCode
  readonly remedy?: string | undefined
}

function causeOf(request: RequestInfo, response: ErrorResponse, entries: readonly RegistryErrorEntry[]): Cause {
  const {status} = response
  const codes = entries.map(({code}) => code).filter((code) => code !== '')
  if (status === 429 || codes.includes('TOOMANYREQUESTS')) return {code: 'rate-limited'}
  if (isFull(request, status, entries)) return {code: 'quota-exceeded'}
  if (status >= 500) return {code: 'registry-failed'}
  const {host, access, authenticated, url} = request
  const text = entries.map((one) => `${one.code} ${one.message}`).join('\n')
  if (isTagRefusal(request, status, entries)) return immutableTag(text)
  const isAccepted = authenticated && response.isLoginRefused !== true
  const isLoggedIn = isAccepted && /\/(?:blobs|manifests|tags|referrers)\//.test(url.pathname)
  const refusal = refusalOf({host, path: pathOf(request), isPush: access === 'push', isLoggedIn, text})
  if (refusal !== undefined) return refusal
  const isUnclear = response.isLoginRefused === true && /access to the requested resource is not authorized/i.test(text)
  if (status === 401 && isUnclear) return {code: denialOf(request, status), remedy: unclearRemedy}
  return {code: unnamedCause(request, response, codes)}
}

/** Path of the repository in its registry. */
function pathOf({repository}: RequestInfo): string {
  return repository.slice(repository.indexOf('/') + 1)
}

/** Cause of a response that does not name one. */
function unnamedCause(
  request: RequestInfo,
  {status, isLoginRefused = false}: ErrorResponse,
  codes: readonly string[],
): ErrorCode {
  if (status === 401 && isLoginRefused && !codes.includes('DENIED')) return 'login-refused'
  // Distribution in maintenance does not route the methods that write.
  if (status === 405 && request.access === 'push') return 'registry-read-only'
  if (status === 401 || status === 403 || codes.some((code) => denials.has(code))) return denialOf(request, status)
  if (codes.includes('NAME_UNKNOWN') || (status === 404 && codes.length === 0)) {
    return isEcr(request.host) ? 'ecr-repository-missing' : 'repository-missing'
  }
  return 'registry-failed'
}

function immutableTag(text: string): Cause {
  return {code: 'tag-immutable', remedy: /updating assets|redeploy/i.test(text) ? redeployRemedy : undefined}
}

/** Reports whether the quota is exhausted. Harbor uses the code and status of a denial. */
function isFull({access}: RequestInfo, status: number, entries: readonly RegistryErrorEntry[]): boolean {
  return access === 'push' && (status === 507 || entries.some((one) => saysFull(`${one.code} ${one.message}`)))
}

/**
 * Reports whether the tag is immutable. ECR responds with 400 and TAG_INVALID, Artifact Registry with 400 and
 * MANIFEST_INVALID, Harbor with 412 and PRECONDITION, Azure with 405 and REGISTRY_DISALLOWED_OPERATION, Nexus with 400 and
 * BLOB_UPLOAD_INVALID, others with 409 or a denial. All of them name the reason, or report a conflict for the PUT of a tag.
 * Oracle's registry reports a conflict also for other reasons.
 */
function isTagRefusal(
  {host, method, url}: RequestInfo,
  status: number,
  entries: readonly RegistryErrorEntry[],
): boolean {
  if (method !== 'PUT' || !url.pathname.includes('/manifests/') || url.pathname.includes('/manifests/sha256:'))
    return false
  if (status === 412 || (status === 409 && !isOracle(host))) return true
  return entries.some(
    ({code, message}) =>
      immutable.test(`${code} ${message}`) || (status === 405 && code === 'REGISTRY_DISALLOWED_OPERATION'),
  )
}

function denialOf({host, access, isReplaced = false}: RequestInfo, status: number): ErrorCode {
  if (status === 401 && isReplaced) return 'login-expired'
  if (access === 'pull') return 'pull-denied'
  return host === ghcrHost ? 'push-denied-ghcr' : 'push-denied'
}

function messageOf(code: ErrorCode, {host, repository, access}: RequestInfo): string {
  switch (code) {
    case 'rate-limited':
      return `The rate limit of ${host} is exceeded.`
    case 'tag-immutable':
      return `The tag of ${repository} is immutable.`
    case 'quota-exceeded':
      return `The quota of ${host} for ${repository} is exhausted.`
    case 'ecr-repository-missing':
      return `The Amazon ECR repository ${repository} does not exist.`
    case 'repository-missing':
      return `The repository ${repository} does not exist.`
    case 'registry-failed':
      return `${host} responded with an unexpected error.`
    case 'login-refused':
      return `${host} refused the login.`
    case 'login-expired':
      return `The login to ${host} has expired.`
    case 'registry-firewall':
      return `The firewall of ${host} does not admit this runner.`
    case 'registry-read-only':
      return `${host} does not accept pushes to ${repository} now.`
    case 'project-missing':
      return `The project of ${repository} does not exist.`
    case 'name-not-allowed':
      return `${host} does not accept the name ${repository}.`
    default:
      return access === 'pull'
        ? `${host} denied read access to ${repository}.`
        : `${host} denied the push to ${repository}.`
  }
}
