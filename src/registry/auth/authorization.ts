import type {HttpResponse} from '../../io/http.ts'
import {basicHeader} from './basic.ts'
import {parseChallenge, type Challenge} from './challenge.ts'
import type {RegistryCredentials} from './credentials.ts'
import type {AuthorizationOptions} from './fetch-token.ts'
import type {LoginState} from './renew.ts'
import {formatScope, type Scope} from './scope.ts'
import {TokenCache} from './token-cache.ts'

/** Authorization of requests to one registry host. */
export interface Authorization {
  /** Remembers the `WWW-Authenticate` header of a response. */
  learn(challenge: string | undefined): void
  /**
   * `Authorization` header for these scopes. Undefined for anonymous requests.
   * @throws TagboatError `login-refused`, `login-expired` or a denial, by the response of the token server.
   */
  header(scopes: readonly Scope[]): Promise<string | undefined>
  /** Reports whether a token server issued this header for a login. */
  isIssued(header: string | undefined): boolean
  /** Reports whether a response refuses the login of this header. Remembers a header that it does not refuse. */
  refuses(used: string | undefined, response: Pick<HttpResponse, 'status' | 'body'>): boolean
  /** Returns another header after the registry refused `used`. Undefined if no other exists. */
  renew(scopes: readonly Scope[], used: string | undefined, challenge: string | undefined): Promise<string | undefined>
  /** Reports whether this header is a password for the registry itself that it has not accepted yet. */
  isUnproven(header: string | undefined): boolean
  /** Reports whether the credentials replaced refused ones, and were not accepted yet. */
  isReplaced(): boolean
}

/** Authorizes requests by the challenge of the registry: https://distribution.github.io/distribution/spec/auth/ */
export function authorization(options: AuthorizationOptions): Authorization {
  const tokens = new TokenCache(options.now)
  const state: LoginState = {
    hasAccepted: false,
    granted: new Set(),
    sent: undefined,
    replacement: undefined,
    unreplaced: new Set(),
  }
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
    // A registry without a challenge may respond to anonymous requests for private content with 404.
    if (credentials?.kind === 'bearer' || challenge === undefined || challenge.scheme === 'basic')
      return plainHeader(credentials)
    const request = {challenge, credentials, scopes, texts}
    const {header} = await tokens.get(texts, async () => {
      const {fetchToken} = await import('./fetch-token.ts')
      return fetchToken(options, request, state)
    })
    return header
  }

  /** Header of credentials for the registry itself. */
  function plainHeader(credentials: RegistryCredentials | undefined): string | undefined {
    const header = credentials?.kind === 'bearer' ? `Bearer ${credentials.token.reveal()}` : basicHeader(credentials)
    state.sent = {credentials, header}
    return header
  }

  return {
    learn,
    header: async (scopes) => headerFor(scopes, scopes.map(formatScope)),
    isIssued: (header) => header !== undefined && state.hasAccepted && tokens.has(header),
    refuses(used, {status, body}) {
      // Amazon ECR answers an expired password with 403.
      if (status === 401 || (status === 403 && /\bexpired\b/.test(body.toString()))) return true
      const {credentials, header} = state.sent ?? {}
      if (status !== 403 && credentials !== undefined && header === used) {
        state.hasAccepted = true
        state.replacement = undefined
      }
      return false
    },
    async renew(scopes, used, header) {
      learn(header)
      tokens.remove(used)
      const {renew} = await import('./renew.ts')
      return renew({scopes, used, challenge: header}, {state, headerFor, plainHeader, lookUp: options.credentials})
    },
    isUnproven: (header) => !state.hasAccepted && header?.startsWith('Basic ') === true,
    isReplaced: () => state.replacement !== undefined,
  }
}
