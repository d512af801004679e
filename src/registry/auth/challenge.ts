/** `WWW-Authenticate` of a registry (RFC 9110, section 11.6.1; https://distribution.github.io/distribution/spec/auth/token/). */
export interface Challenge {
  readonly scheme: 'bearer' | 'basic'
  /** Lower-cased names: realm, service, scope. */
  readonly parameters: ReadonlyMap<string, string>
}

/**
 * The challenge of a header that is met: its first Bearer, else its first Basic, as Docker's tools have it. A header holds
 * several, in any order, and those that are repeated arrive as one. Undefined when there is none of either.
 */
export function parseChallenge(header: string): Challenge | undefined {
  const challenges = challengesIn(header)
  for (const scheme of ['bearer', 'basic'] as const) {
    const found = challenges.find((one) => one.scheme === scheme)
    if (found !== undefined) return {scheme, parameters: found.parameters}
  }
  return undefined
}

interface RawChallenge {
  /** Lower-cased. */
  readonly scheme: string
  readonly parameters: Map<string, string>
}

/** Each is looked for where the one before ended, so that no part of a header is searched again and again. */
const pieces = {
  between: /[\s,]*/y,
  name: /[^\s,="]+/y,
  equals: /\s*=\s*/y,
  quoted: /"((?:[^"\\]|\\.)*)"/sy,
  bare: /[^\s,"]*/y,
}

/** A name that no `=` follows is the scheme of the next challenge; the parameters after it are its own. */
function challengesIn(header: string): readonly RawChallenge[] {
  const found: RawChallenge[] = []
  let at = 0
  const read = (piece: RegExp): RegExpExecArray | undefined => {
    piece.lastIndex = at
    const match = piece.exec(header) ?? undefined
    at += match?.[0].length ?? 0
    return match
  }
  for (;;) {
    read(pieces.between)
    const name = read(pieces.name)?.[0].toLowerCase()
    if (name === undefined) return found
    if (read(pieces.equals) === undefined) {
      found.push({scheme: name, parameters: new Map()})
      continue
    }
    const quoted = read(pieces.quoted)?.[1]?.replace(/\\(.)/gs, '$1')
    // A quote that is never closed: what follows may be anything.
    if (quoted === undefined && header[at] === '"') return found
    const value = quoted ?? read(pieces.bare)?.[0] ?? ''
    const parameters = found.at(-1)?.parameters
    if (parameters?.has(name) === false) parameters.set(name, value)
  }
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
  if (isThisMachine(url.hostname) && !owner.isLocal) return undefined
  const isOpenLine = url.protocol === 'http:' && (isLoopback(url.hostname) || owner.isInsecure(url.host))
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

/** Every way to name this machine that a URL has, for addresses that others give: `hostname` of a URL, where IPv6 is hexadecimal. */
export function isThisMachine(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '')
  if (isLoopback(name) || name.endsWith('.localhost') || /^0\.\d+\.\d+\.\d+$/.test(name)) return true
  // `::`, and addresses of IPv4 in those of IPv6 (RFC 4291, section 2.5.5).
  return /^\[::(?:(?:ffff:)?(?:7f[\da-f]{2}|0):[\da-f]{1,4})?\]$/.test(name)
}
