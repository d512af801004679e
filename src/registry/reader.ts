import type {DockerAuth} from '../credentials/docker-config.ts'
import type {Http, HttpResponse} from '../edge/http.ts'
import {digestOf, type Digest} from '../oci/digest.ts'
import {manifestMediaTypes} from '../oci/manifest.ts'
import {dockerHub, type Repository} from '../oci/reference.ts'
import {isLoopback, parseChallenge, tokenUrl} from './challenge.ts'

/** Content of a registry, with its digest as computed from the bytes that came. */
export interface Content {
  readonly digest: Digest
  readonly bytes: Buffer
}

/** Reads what a repository holds. Undefined: it is not there. @throws Error when the registry cannot be read, or may hide what is there. */
export interface RegistryReader {
  manifest(reference: string): Promise<Content | undefined>
}

/**
 * A reader of one repository over the OCI distribution API
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull). It authenticates once, when asked to.
 */
export function registryReader(repository: Repository, auth: DockerAuth | undefined, http: Http): RegistryReader {
  const base = `${apiOrigin(repository.host)}/v2/${repository.path}`
  let authorization: Promise<string | undefined> | undefined

  async function manifest(reference: string): Promise<Content | undefined> {
    const url = new URL(`${base}/manifests/${reference}`)
    const first = await send(url, await authorization)
    const response = first.status === 401 ? await retry(url, first) : first
    // Registries hide what is private: whoever asks without a login learns nothing from a refusal, nor from a 404.
    const isKnown = auth !== undefined && (await authorization) !== undefined
    if (response.status === 404 && isKnown) return undefined
    if (response.status !== 200) throw new Error(refusal(url, response.status, isKnown))
    return {digest: digestOf(response.body), bytes: response.body}
  }

  async function retry(url: URL, refused: HttpResponse): Promise<HttpResponse> {
    authorization ??= authorize(refused, repository, auth, http)
    return send(url, await authorization)
  }

  async function send(url: URL, header: string | undefined): Promise<HttpResponse> {
    return http.send({
      method: 'GET',
      url,
      headers: {accept: manifestMediaTypes.join(', '), ...(header === undefined ? {} : {authorization: header})},
    })
  }

  return {manifest}
}

function refusal({host, pathname}: URL, status: number, isKnown: boolean): string {
  const hidden = !isKnown && [401, 403, 404].includes(status) ? ': it is not visible without a login' : ''
  return `${host} answered ${status} to GET ${pathname}${hidden}`
}

function apiOrigin(host: string): string {
  const server = host === dockerHub.name ? dockerHub.apiHost : host
  return `${isOnLoopback(server) ? 'http' : 'https'}://${server}`
}

function isOnLoopback(server: string): boolean {
  return isLoopback(new URL(`https://${server}`).hostname)
}

/** The `Authorization` that the challenge asks for. */
async function authorize(
  refused: HttpResponse,
  repository: Repository,
  auth: DockerAuth | undefined,
  http: Http,
): Promise<string | undefined> {
  const challenge = parseChallenge(refused.headers['www-authenticate'] ?? '')
  if (challenge?.scheme === 'basic') return basic(auth)
  if (challenge?.scheme !== 'bearer') return undefined
  const url = tokenUrl(challenge, `repository:${repository.path}:pull`, isOnLoopback(repository.host))
  if (url === undefined) return undefined
  const header = basic(auth)
  const response = await http.send({method: 'GET', url, headers: header === undefined ? {} : {authorization: header}})
  const token = response.status === 200 ? tokenOf(response.body) : undefined
  return token === undefined ? undefined : `Bearer ${token}`
}

function basic(auth: DockerAuth | undefined): string | undefined {
  if (auth === undefined) return undefined
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`
}

function tokenOf(body: Buffer): string | undefined {
  const value: unknown = JSON.parse(body.toString('utf8'))
  if (typeof value !== 'object' || value === null) return undefined
  const fields = new Map<string, unknown>(Object.entries(value))
  const token = fields.get('token') ?? fields.get('access_token')
  return typeof token === 'string' ? token : undefined
}
