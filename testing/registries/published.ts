import {rawRequest, type RawAnswer} from '../raw-http.ts'
import type {RegistryLogin} from '../registry.ts'

/** Repository to read, as a client without Tagboat reads it. */
export interface ReadRepository {
  readonly host: string
  readonly repository: string
  readonly login: RegistryLogin | undefined
}

const accept = ['application/vnd.oci.image.index.v1+json', 'application/vnd.oci.image.manifest.v1+json'].join(', ')

/** Lists the tags of a repository, sorted, with their digests. Empty if it does not exist. */
export async function publishedTags(of: ReadRepository): Promise<Readonly<Record<string, string>>> {
  const list = await read(of, 'tags/list')
  if (list.status === 404) return {}
  const {tags} = JSON.parse(expectOk(list)) as {readonly tags: readonly string[] | null}
  const digests = await Promise.all((tags ?? []).toSorted().map(async (tag) => [tag, await digestOf(of, tag)] as const))
  return Object.fromEntries(digests)
}

async function digestOf(of: ReadRepository, reference: string): Promise<string> {
  const answer = await read(of, `manifests/${reference}`)
  expectOk(answer)
  return answer.header('docker-content-digest') ?? ''
}

interface Entry {
  readonly digest: string
  readonly platform?: {readonly os: string; readonly architecture: string}
}

/** Reads the entries of an index. */
export async function publishedEntries(of: ReadRepository, reference: string): Promise<readonly Entry[]> {
  const {manifests} = JSON.parse(expectOk(await read(of, `manifests/${reference}`))) as {
    readonly manifests: readonly Entry[]
  }
  return manifests
}

function expectOk({status, text}: RawAnswer): string {
  if (status !== 200) throw new Error(`the registry answers ${status}: ${text}`)
  return text
}

async function read({host, repository, login}: ReadRepository, what: string): Promise<RawAnswer> {
  const path = `/v2/${repository}/${what}`
  const first = await rawRequest(host, {method: 'GET', path, headers: {accept}})
  const challenge = first.header('www-authenticate')
  if (first.status !== 401 || challenge === undefined || login === undefined) return first
  const basic = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`
  const authorization = /\bBearer\b/i.test(challenge) ? await bearer(challenge, repository, basic) : basic
  return rawRequest(host, {method: 'GET', path, headers: {accept, authorization}})
}

async function bearer(challenge: string, repository: string, basic: string): Promise<string> {
  const parameter = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(challenge)?.[1] ?? ''
  const realm = new URL(parameter('realm'))
  realm.searchParams.set('service', parameter('service'))
  realm.searchParams.set('scope', `repository:${repository}:pull`)
  const answer = await rawRequest(realm.host, {method: 'GET', path: realm.href, headers: {authorization: basic}})
  const body = JSON.parse(expectOk(answer)) as {readonly token?: string; readonly access_token?: string}
  return `Bearer ${body.token ?? body.access_token ?? ''}`
}
