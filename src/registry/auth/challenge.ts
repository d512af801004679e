/**
 * Challenge in the `WWW-Authenticate` header of a registry (RFC 9110, section 11.6.1;
 * https://distribution.github.io/distribution/spec/auth/token/).
 */
export interface Challenge {
  readonly scheme: 'bearer' | 'basic'
  /** Parameters by their names in lower case: realm, service, scope. */
  readonly parameters: ReadonlyMap<string, string>
}

/**
 * Parses a header and chooses the challenge to respond to: the first Bearer, else the first Basic, as in Docker's
 * tools. A header may have several challenges in any order; repeated headers are joined. Undefined if it has neither.
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
  /** Scheme in lower case. */
  readonly scheme: string
  readonly parameters: Map<string, string>
}

/** Tokens of a header. They are sticky, so that no part of a header is searched twice. */
const pieces = {
  between: /[\s,]*/y,
  name: /[^\s,="]+/y,
  equals: /\s*=\s*/y,
  quoted: /"((?:[^"\\]|\\.)*)"/sy,
  bare: /[^\s,"]*/y,
}

/** Splits a header into challenges. A name without `=` is the scheme of the next challenge. */
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
    // An unclosed quote: the rest is undefined.
    if (quoted === undefined && header[at] === '"') return found
    const value = quoted ?? read(pieces.bare)?.[0] ?? ''
    const parameters = found.at(-1)?.parameters
    if (parameters?.has(name) === false) parameters.set(name, value)
  }
}

/** Reports whether a hostname is a loopback address, to which plain HTTP is allowed, as in Docker and BuildKit. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/** Reports whether the `hostname` of a URL is this machine, in any notation. For addresses from servers. */
export function isThisMachine(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '')
  if (isLoopback(name) || name.endsWith('.localhost') || /^0\.\d+\.\d+\.\d+$/.test(name)) return true
  // `::`, and IPv4 addresses in IPv6 (RFC 4291, section 2.5.5).
  return /^\[::(?:(?:ffff:)?(?:7f[\da-f]{2}|0):[\da-f]{1,4})?\]$/.test(name)
}
