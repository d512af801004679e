import {field, parseJson} from '../../oci/manifest.ts'

/** Response of a token server: https://distribution.github.io/distribution/spec/auth/token/#token-response-fields */
interface RegistryToken {
  readonly token: string
  /** Remaining lifetime at the time of the response. */
  readonly lifetimeMs: number
}

/** "For compatibility with older clients, a token should never be returned with less than 60 seconds to live." */
const defaultSeconds = 60

/** Limit above the header length that registries accept. */
const maxTokenLength = 64 * 1024

/** Parses `token` of the token specification or `access_token` of OAuth 2. Undefined if the response has neither. */
export function parseToken(body: Uint8Array, received: Date): RegistryToken | undefined {
  const response = parseJson(body)
  const token = [field(response, 'token'), field(response, 'access_token')].find(isText)
  if (token === undefined) return undefined
  const seconds = field(response, 'expires_in')
  const lifetimeMs = (typeof seconds === 'number' && seconds > 0 ? seconds : defaultSeconds) * 1000
  const remaining = lifetimeMs - ageMs(field(response, 'issued_at'), received)
  // A token that is expired on arrival means clock skew: trust our own clock.
  return {token, lifetimeMs: remaining > 0 ? remaining : lifetimeMs}
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxTokenLength
}

const issuedNames = ['token', 'access_token', 'refresh_token', 'id_token', 'identity_token']

/** All secrets in a response of a token server, used or not. */
export function issuedSecrets(body: Uint8Array): readonly string[] {
  const response = parseJson(body)
  return issuedNames.map((name) => field(response, name)).filter(isText)
}

function ageMs(issuedAt: unknown, received: Date): number {
  const issued = typeof issuedAt === 'string' ? Date.parse(issuedAt) : Number.NaN
  return Number.isNaN(issued) ? 0 : Math.max(0, received.getTime() - issued)
}

/** Time of renewal before the expiry: a quarter of the lifetime, at most ten seconds. */
export function renewalMarginMs(lifetimeMs: number): number {
  return Math.min(10_000, lifetimeMs / 4)
}
