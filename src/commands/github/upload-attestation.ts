import type {Secret} from '../../errors/secret.ts'
import {signingError} from '../../errors/signing-error.ts'
import type {TagboatError} from '../../errors/error.ts'
import {errorMessage} from '../../errors/error.ts'
import type {Http, HttpResponse} from '../../io/http.ts'
import {field, parseJson} from '../../oci/manifest.ts'
import {isTransientStatus, withRetries, type Retrier} from '../../registry/retry.ts'
import type {Hide} from '../../errors/known-secrets.ts'

/** Repository at GitHub, and the token of the job. */
export interface AttestationStore {
  readonly apiUrl: string
  /** `owner/name` */
  readonly repository: string
  readonly token: Secret
}

/** @throws TagboatError `attestation-denied` without a token. */
export function requireToken(token: Secret | undefined): Secret {
  if (token !== undefined && !token.isEmpty) return token
  const message = 'There is no token for attestations at GitHub.'
  throw signingError('attestation-denied', {message, evidence: ['`github-token` is empty']})
}

/** Side effects of an upload. */
export interface UploadIo {
  readonly http: Http
  readonly retrier: Retrier
  readonly hide: Hide
}

/** Limit of GitHub for the body of an attestation: 16 MiB. */
const maxBytes = 16 * 1024 * 1024

/**
 * Uploads a bundle: https://docs.github.com/en/rest/repos/attestations#create-an-attestation
 * @returns the ID of the attestation.
 * @throws TagboatError `attestation-too-large`, `attestation-denied`; `attestation-failed` if GitHub does not respond.
 */
export async function uploadAttestation(bundle: Uint8Array, store: AttestationStore, io: UploadIo): Promise<string> {
  if (bundle.byteLength > maxBytes)
    throw signingError('attestation-too-large', {evidence: [`the bundle has ${bundle.byteLength} bytes`]})
  const body = Buffer.concat([Buffer.from('{"bundle":'), bundle, Buffer.from('}')])
  const url = new URL(`${store.apiUrl}/repos/${store.repository}/attestations`)
  const response = await ask({method: 'POST', url, body}, store, io)
  const id = field(parseJson(response.body), 'id')
  if (response.status === 201 && (typeof id === 'number' || typeof id === 'string')) return String(id)
  throw refused(url, response, io)
}

/** Reports whether GitHub has an attestation with this predicate type for a digest. Never rejects, but if cancelled. */
export async function hasAttestation(
  {digest, predicateType}: {readonly digest: string; readonly predicateType: string},
  store: AttestationStore,
  io: UploadIo,
): Promise<boolean> {
  const url = new URL(`${store.apiUrl}/repos/${store.repository}/attestations/${digest}`)
  url.searchParams.set('predicate_type', predicateType)
  url.searchParams.set('per_page', '1')
  try {
    const {status, body} = await ask({method: 'GET', url}, store, io)
    const list = field(parseJson(body), 'attestations')
    return status === 200 && Array.isArray(list) && list.length > 0
  } catch {
    io.retrier.signal.throwIfAborted()
    return false
  }
}

interface ApiRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly body?: Uint8Array
}

async function ask({method, url, body}: ApiRequest, {token}: AttestationStore, io: UploadIo): Promise<HttpResponse> {
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token.reveal()}`,
    'x-github-api-version': '2022-11-28',
    ...(body && {'content-type': 'application/json', 'content-length': String(body.byteLength)}),
  }
  const outcome = await withRetries(io.retrier, {host: url.host, subject: `${method} attestations`}, async () =>
    io.http.send({method, url, headers, ...(body && {body})}),
  )
  if (outcome.kind === 'response') return outcome.response
  const {error} = outcome
  const evidence = [io.hide(`${method} ${url.origin}${url.pathname}: ${errorMessage(error)}`)]
  throw signingError('attestation-failed', {evidence, cause: error})
}

/** Error for a response without an attestation. */
function refused(url: URL, {status, body}: HttpResponse, {hide}: UploadIo): TagboatError {
  const message = field(parseJson(body), 'message')
  const text = typeof message === 'string' ? ` ${message.replaceAll(/[^\x20-\x7e]/g, ' ').slice(0, 300)}` : ''
  const evidence = [hide(`POST ${url.origin}${url.pathname}: ${status}${text}`)]
  const isTooLarge = status === 413 || (status === 422 && /\b(?:too (?:large|big)|exceeds|maximum)\b/i.test(text))
  if (isTooLarge) return signingError('attestation-too-large', {evidence})
  const isDown = isTransientStatus(status) || (status >= 200 && status < 400)
  return signingError(isDown ? 'attestation-failed' : 'attestation-denied', {evidence})
}
