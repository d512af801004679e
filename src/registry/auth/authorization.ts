import {basicHeader} from './basic.ts'
import {parseChallenge, type Challenge} from './challenge.ts'
import type {AuthorizationOptions} from './fetch-token.ts'
import {covers, formatScope, namedScopes, type Scope} from './scope.ts'
import {TokenCache} from './token-cache.ts'

/** Authorization of requests to one registry host. */
export interface Authorization {
  /** Remembers the `WWW-Authenticate` header of a response. */
  learn(challenge: string | undefined): void
  /**
   * `Authorization` header for these scopes. Undefined for anonymous requests.
   * @throws TagboatError `login-refused` or a denial, by the response of the token server.
   */
  header(scopes: readonly Scope[]): Promise<string | undefined>
  /** Returns another header, after the registry refused `used` with 401. Undefined if there is no other. */
  renew(scopes: readonly Scope[], used: string | undefined, challenge: string | undefined): Promise<string | undefined>
}

/** Authorizes requests by the challenge of the registry: https://distribution.github.io/distribution/spec/auth/ */
export function authorization(options: AuthorizationOptions): Authorization {
  const tokens = new TokenCache(options.now)
  let challenge: Challenge | undefined

  // Harbor and Gitea answer a denial of a Bearer token with a Basic challenge, which is not a reason to send the password
  // with every later request.
  function learn(header: string | undefined): void {
    const named = parseChallenge(header ?? '')
    if (named !== undefined && (named.scheme === 'bearer' || challenge?.scheme !== 'bearer')) challenge = named
  }

  async function headerFor(scopes: readonly Scope[], texts: readonly string[]): Promise<string | undefined> {
    const {host, owner} = options
    // Over plain HTTP, credentials are sent only if the registry requests them.
    if (challenge === undefined && !owner.isLocal && owner.isInsecure(host)) return undefined
    const credentials = await options.credentials()
    if (credentials?.kind === 'bearer') return `Bearer ${credentials.token.reveal()}`
    // A registry without a challenge may respond to anonymous requests for private content with 404.
    if (challenge === undefined || challenge.scheme === 'basic') return basicHeader(credentials)
    const request = {challenge, credentials, scopes, texts}
    const {header} = await tokens.get(texts, async () => {
      const {fetchToken} = await import('./fetch-token.ts')
      return fetchToken(options, request)
    })
    return header
  }

  async function renew(
    scopes: readonly Scope[],
    used: string | undefined,
    header: string | undefined,
  ): Promise<string | undefined> {
    learn(header)
    tokens.remove(used)
    const requested = scopes.map(formatScope)
    const named = namedScopes(parseChallenge(header ?? '')?.parameters.get('scope'), scopes)
    const added = named.filter((text) => !covers(requested, [text]))
    const renewed = await headerFor(scopes, [...requested, ...added])
    return renewed === used ? undefined : renewed
  }

  return {learn, header: async (scopes) => headerFor(scopes, scopes.map(formatScope)), renew}
}
