import {isLoopback, isThisMachine, type Challenge} from './challenge.ts'

/** Registry that names a token server. */
export interface RealmOwner {
  /** The registry runs on this machine. */
  readonly isLocal: boolean
  /** Reports whether the user allows plain HTTP to `host[:port]`. */
  readonly isInsecure: (host: string) => boolean
}

/**
 * URL of the token server of a Bearer challenge. Undefined if it is missing or not over HTTPS. Only a registry on this
 * machine may name a server on this machine: any other could make us send requests to services on the runner (SSRF).
 */
export function realmUrl({parameters}: Challenge, owner: RealmOwner): URL | undefined {
  const realm = parameters.get('realm')
  if (realm === undefined || !URL.canParse(realm)) return undefined
  const url = new URL(realm)
  if (isThisMachine(url.hostname) && !owner.isLocal) return undefined
  const isAllowedHttp = url.protocol === 'http:' && (isLoopback(url.hostname) || owner.isInsecure(url.host))
  return url.protocol === 'https:' || isAllowedHttp ? url : undefined
}

/** URL of a GET request for a token: https://distribution.github.io/distribution/spec/auth/token/#requesting-a-token */
export function tokenUrl(realm: URL, {parameters}: Challenge, scopes: readonly string[]): URL {
  const url = new URL(realm)
  const service = parameters.get('service')
  if (service !== undefined) url.searchParams.set('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  return url
}
