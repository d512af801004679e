import type {Access} from './authorization.ts'
import type {Bearer, IncomingRequest, Users} from './types.ts'

export const tokenPath = '/token'

/** Issuer of tokens. */
export interface TokenIssuer {
  readonly users: Users
  /** Issues a token for the part of the scopes that the user is allowed. */
  issue(user: string | undefined, scopes: readonly Access[]): IssuedToken
  identityToken(user: string): string
  userOf(identityToken: string): string | undefined
}

/** Issuer that also checks its tokens. */
export interface TokenService extends TokenIssuer {
  readonly host: string
  readonly registryHost: string
  readonly service: string
  check(token: string, access: readonly Access[]): 'valid' | 'invalid' | 'too-small'
}

export interface IssuedToken {
  readonly token: string
  /** `expires_in` and `issued_at`, if the answer contains them. */
  readonly times: Readonly<Record<string, unknown>>
}

const defaultLifetimeSeconds = 300
/** Default of the specification if `expires_in` is missing. */
const specDefaultLifetimeSeconds = 60

export function tokenService(registryHost: string, bearer: Bearer): TokenService {
  const {users, tokenHost = `auth.${registryHost}`, lifetimeSeconds = defaultLifetimeSeconds} = bearer
  const now = bearer.now ?? (() => 0)
  const issuedTokens = new Map<string, {readonly scopes: readonly Access[]; readonly endsAt: number}>()
  const identities = new Map(Object.entries(bearer.identityTokens ?? {}))
  const isStated = lifetimeSeconds !== 'unstated'
  return {
    host: tokenHost,
    registryHost,
    service: registryHost,
    users,
    issue(user, scopes) {
      const allowed = scopes.map(({repository, actions}) => {
        const granted = bearer.allows?.(user, repository) ?? (user === undefined ? [] : actions)
        return {repository, actions: actions.filter((action) => granted.includes(action))}
      })
      const number = issuedTokens.size + 1
      const token = bearer.statesAccess === true ? jwtOf(allowed, number) : `token-${number}`
      const seconds = isStated ? lifetimeSeconds : specDefaultLifetimeSeconds
      issuedTokens.set(token, {scopes: allowed, endsAt: now() + seconds * 1000})
      const times = {expires_in: seconds, issued_at: new Date(now()).toISOString()}
      return {token, times: isStated ? times : {}}
    },
    check(token, access) {
      const found = issuedTokens.get(token)
      if (found === undefined || now() >= found.endsAt) return 'invalid'
      const has = ({repository, actions}: Access): boolean =>
        actions.every((action) =>
          found.scopes.some((scope) => scope.repository === repository && scope.actions.includes(action)),
        )
      return access.every(has) ? 'valid' : 'too-small'
    },
    identityToken(user) {
      const token = `identity-of-${user}`
      identities.set(token, user)
      return token
    },
    userOf: (identityToken) => identities.get(identityToken),
  }
}

/** Token with the claim of https://distribution.github.io/distribution/spec/auth/jwt/. Its signature is not checked. */
function jwtOf(allowed: readonly Access[], number: number): string {
  const access = allowed.map(({repository, actions}) => ({type: 'repository', name: repository, actions}))
  const parts = [
    {typ: 'JWT', alg: 'none'},
    {access, jti: String(number)},
  ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  return [...parts, 'signature'].join('.')
}

/** Address of the token server. A registry on a loopback address serves it on the same host. */
export function tokenAddress({host, registryHost}: TokenService, {origin}: IncomingRequest): string {
  return new URL(origin).host === registryHost ? `${schemeOf(host)}://${host}${tokenPath}` : `${origin}${tokenPath}`
}

/** Scheme of a host. Only loopback addresses use plain HTTP. */
export function schemeOf(host: string): 'http' | 'https' {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(host) ? 'http' : 'https'
}
