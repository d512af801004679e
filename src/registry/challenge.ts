/** `WWW-Authenticate` of a registry (RFC 9110, section 11.6.1; https://distribution.github.io/distribution/spec/auth/token/). */
export interface Challenge {
  /** Lower-cased: `bearer`, `basic`. */
  readonly scheme: string
  /** Lower-cased names: realm, service, scope. */
  readonly parameters: ReadonlyMap<string, string>
}

const parameterPattern = /([a-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi

/** The first challenge of the header. Undefined when it holds none. */
export function parseChallenge(header: string): Challenge | undefined {
  const start = /^\s*([a-z]+)(?:\s+|$)/i.exec(header)
  if (start?.[1] === undefined) return undefined
  const rest = header.slice(start[0].length)
  const parameters = [...rest.matchAll(parameterPattern)].map(([, name = '', quoted, bare]): [string, string] => [
    name.toLowerCase(),
    quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '',
  ])
  // A second challenge in the same header has parameters of the same names: the first of each are this one's.
  return {scheme: start[1].toLowerCase(), parameters: new Map(parameters.reverse())}
}

/** Who names a token server. */
export interface RealmOwner {
  /** The registry runs on this machine. */
  readonly isLocal: boolean
  /** Whether the user allows plain HTTP to this `host[:port]`. */
  readonly isInsecure: (host: string) => boolean
}

/**
 * The token server that a Bearer challenge names. Undefined when it names none, or not over a safe line. Only a registry on
 * this machine can name a server on this machine: any other would have us knock at the runner's own doors.
 */
export function realmUrl({parameters}: Challenge, owner: RealmOwner): URL | undefined {
  const realm = parameters.get('realm')
  if (realm === undefined || !URL.canParse(realm)) return undefined
  const url = new URL(realm)
  if (isLoopback(url.hostname)) return owner.isLocal ? url : undefined
  const isOpenLine = url.protocol === 'http:' && owner.isInsecure(url.host)
  return url.protocol === 'https:' || isOpenLine ? url : undefined
}

/** `realm` with what a GET for a token says: https://distribution.github.io/distribution/spec/auth/token/#requesting-a-token */
export function tokenUrl(realm: URL, {parameters}: Challenge, scopes: readonly string[]): URL {
  const url = new URL(realm)
  const service = parameters.get('service')
  if (service !== undefined) url.searchParams.set('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  return url
}

/** Plain HTTP is spoken to this machine alone, as Docker and BuildKit do by themselves. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
