import {field, parseJson} from '../../oci/manifest.ts'

/** A response of a token server: https://distribution.github.io/distribution/spec/auth/token/#token-response-fields */
export interface RegistryToken {
  readonly token: string
  /** How long it was valid when the response came. */
  readonly lifetimeMs: number
}

/** "For compatibility with older clients, a token should never be returned with less than 60 seconds to live." */
const defaultSeconds = 60

/** No header that a registry takes is longer. */
const maxTokenLength = 64 * 1024

/** `token` of the token specification or `access_token` of OAuth 2. Undefined when the response holds neither. */
export function parseToken(body: Uint8Array, received: Date): RegistryToken | undefined {
  const response = parseJson(body)
  const token = [field(response, 'token'), field(response, 'access_token')].find(isText)
  if (token === undefined) return undefined
  const seconds = field(response, 'expires_in')
  const lifetimeMs = (typeof seconds === 'number' && seconds > 0 ? seconds : defaultSeconds) * 1000
  const remaining = lifetimeMs - ageMs(field(response, 'issued_at'), received)
  // A token that came too late to be used was issued by a clock that goes otherwise: then ours counts.
  return {token, lifetimeMs: remaining > 0 ? remaining : lifetimeMs}
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxTokenLength
}

const issuedNames = ['token', 'access_token', 'refresh_token', 'id_token', 'identity_token']

/** Everything in a response of a token server that proves who somebody is, whether it is used or not. */
export function issuedSecrets(body: Uint8Array): readonly string[] {
  const response = parseJson(body)
  return issuedNames.map((name) => field(response, name)).filter(isText)
}

function ageMs(issuedAt: unknown, received: Date): number {
  const issued = typeof issuedAt === 'string' ? Date.parse(issuedAt) : Number.NaN
  return Number.isNaN(issued) ? 0 : Math.max(0, received.getTime() - issued)
}

/** Renewed before its end, so that it does not run out on its way: a quarter of its life, ten seconds at most. */
export function renewalMarginMs(lifetimeMs: number): number {
  return Math.min(10_000, lifetimeMs / 4)
}
