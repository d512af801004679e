import type {Access} from './authorization.ts'
import type {Bearer, IncomingRequest, Users} from './types.ts'

export const tokenPath = '/token'

/** Who gives out tokens. */
export interface TokenIssuer {
  readonly users: Users
  /** A token with as much of the scopes as this user is allowed. */
  issue(user: string | undefined, scopes: readonly Access[]): IssuedToken
  identityToken(user: string): string
  userOf(identityToken: string): string | undefined
}

/** Who also knows what each token is good for. */
export interface TokenDesk extends TokenIssuer {
  readonly host: string
  readonly registryHost: string
  readonly service: string
  check(token: string, access: readonly Access[]): 'fine' | 'invalid' | 'too-small'
}

export interface IssuedToken {
  readonly token: string
  /** `expires_in` and `issued_at`, as far as they are said. */
  readonly times: Readonly<Record<string, unknown>>
}

const defaultLifetimeSeconds = 300
/** What the specification has a client take where nothing is said. */
const unsaidLifetimeSeconds = 60

export function tokenDesk(registryHost: string, bearer: Bearer): TokenDesk {
  const {users, tokenHost = `auth.${registryHost}`, lifetimeSeconds = defaultLifetimeSeconds} = bearer
  const now = bearer.now ?? (() => 0)
  const given = new Map<string, {readonly scopes: readonly Access[]; readonly endsAt: number}>()
  const identities = new Map(Object.entries(bearer.identityTokens ?? {}))
  const isSaid = lifetimeSeconds !== 'unsaid'
  return {
    host: tokenHost,
    registryHost,
    service: registryHost,
    users,
    issue(user, scopes) {
      const token = `token-${given.size + 1}`
      const allowed = scopes.map(({repository, actions}) => {
        const granted = bearer.allows?.(user, repository) ?? (user === undefined ? [] : actions)
        return {repository, actions: actions.filter((action) => granted.includes(action))}
      })
      const seconds = isSaid ? lifetimeSeconds : unsaidLifetimeSeconds
      given.set(token, {scopes: allowed, endsAt: now() + seconds * 1000})
      const times = {expires_in: seconds, issued_at: new Date(now()).toISOString()}
      return {token, times: isSaid ? times : {}}
    },
    check(token, access) {
      const found = given.get(token)
      if (found === undefined || now() >= found.endsAt) return 'invalid'
      const has = ({repository, actions}: Access): boolean =>
        actions.every((action) =>
          found.scopes.some((scope) => scope.repository === repository && scope.actions.includes(action)),
        )
      return access.every(has) ? 'fine' : 'too-small'
    },
    identityToken(user) {
      const token = `identity-of-${user}`
      identities.set(token, user)
      return token
    },
    userOf: (identityToken) => identities.get(identityToken),
  }
}

/** On the token server's own host; a registry that is served over a socket has it on its own. */
export function tokenAddress({host, registryHost}: TokenDesk, {origin}: IncomingRequest): string {
  return new URL(origin).host === registryHost ? `${schemeOf(host)}://${host}${tokenPath}` : `${origin}${tokenPath}`
}

/** Plain HTTP is spoken on loopback alone. */
export function schemeOf(host: string): 'http' | 'https' {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(host) ? 'http' : 'https'
}
