import type {HttpRequest, HttpResponse} from '../../io/http.ts'
import {TagboatError} from '../../errors/error.ts'
import type {SecretKeeper} from '../../errors/known-secrets.ts'
import {parseChallenge, realmUrl, tokenUrl, type Challenge, type RealmOwner} from './challenge.ts'
import type {RegistryCredentials} from './credentials.ts'
import {parseErrorBody} from '../error-body.ts'
import {failure} from '../failure.ts'
import {redactUrl} from '../redact.ts'
import {covers, formatScope, namedScopes, type Scope} from './scope.ts'
import {issuedSecrets, parseToken, renewalMarginMs} from './token.ts'

export interface AuthorizationOptions {
  /** As references name the registry. */
  readonly host: string
  readonly owner: RealmOwner
  readonly credentials: () => Promise<RegistryCredentials | undefined>
  /** Asks a token server, with retries. */
  readonly sendTokenRequest: (request: HttpRequest) => Promise<HttpResponse>
  readonly now: () => Date
  readonly secrets: SecretKeeper
}

/** What one registry host is shown, and when it is renewed. */
export interface Authorization {
  /** `WWW-Authenticate` of a response, from which on it is heeded. */
  learn(challenge: string | undefined): void
  /** The `Authorization` header for all these scopes; undefined: none. @throws TagboatError `login-refused` and the denials, by the token server's response. */
  header(scopes: readonly Scope[]): Promise<string | undefined>
  /** Another header, after the one that was `used` met with 401. Undefined: there is no other. */
  renew(scopes: readonly Scope[], used: string | undefined, challenge: string | undefined): Promise<string | undefined>
}

interface Token {
  readonly header: string | undefined
  readonly renewAt: number
}

interface Entry {
  readonly scopes: readonly string[]
  readonly pending: Promise<Token>
  settled?: Token
}

/** https://distribution.github.io/distribution/spec/auth/ */
export function authorization(options: AuthorizationOptions): Authorization {
  const {host, owner, credentials, now} = options
  let challenge: Challenge | undefined
  const entries = new Map<string, Entry>()

  function learn(header: string | undefined): void {
    challenge = parseChallenge(header ?? '') ?? challenge
  }

  async function headerFor(scopes: readonly Scope[], texts: readonly string[]): Promise<string | undefined> {
    // Over an open line nothing is shown that is not asked for.
    if (challenge === undefined && !owner.isLocal && owner.isInsecure(host)) return undefined
    const knownCredentials = await credentials()
    if (knownCredentials?.kind === 'bearer') return `Bearer ${knownCredentials.token.reveal()}`
    // A registry that lets everybody in may hide what is private behind 404, and never ask.
    if (challenge === undefined || challenge.scheme === 'basic') return basic(knownCredentials)
    const usable = [...entries.values()].find((entry) => covers(entry.scopes, texts) && isFresh(entry.settled))
    if (usable?.settled !== undefined) return usable.settled.header
    return (await fetchOnce({challenge, known: knownCredentials, scopes, texts})).header
  }

  function isFresh(token: Token | undefined): boolean {
    return token !== undefined && now().getTime() < token.renewAt
  }

  /** Whoever wants the same while it is being fetched gets the same. */
  async function fetchOnce(request: TokenRequest): Promise<Token> {
    const key = [...request.texts].sort().join(' ')
    const pending = entries.get(key)
    if (pending !== undefined && pending.settled === undefined) return pending.pending
    const entry: Entry = {scopes: request.texts, pending: fetchToken(options, request)}
    entries.set(key, entry)
    try {
      entry.settled = await entry.pending
      return entry.settled
    } catch (error) {
      if (entries.get(key) === entry) entries.delete(key)
      throw error
    }
  }

  async function renew(
    scopes: readonly Scope[],
    used: string | undefined,
    header: string | undefined,
  ): Promise<string | undefined> {
    learn(header)
    for (const [key, {settled}] of entries) {
      if (settled !== undefined && settled.header === used) entries.delete(key)
    }
    const asked = namedScopes(parseChallenge(header ?? '')?.parameters.get('scope'), scopes)
    const requested = scopes.map(formatScope)
    const renewed = await headerFor(scopes, [...requested, ...asked.filter((text) => !covers(requested, [text]))])
    return renewed === used ? undefined : renewed
  }

  return {learn, header: async (scopes) => headerFor(scopes, scopes.map(formatScope)), renew}
}

interface TokenRequest {
  readonly challenge: Challenge
  readonly known: RegistryCredentials | undefined
  readonly scopes: readonly Scope[]
  readonly texts: readonly string[]
}

async function fetchToken(options: AuthorizationOptions, wanted: TokenRequest): Promise<Token> {
  const {host, owner, sendTokenRequest: ask, now, secrets} = options
  const realm = realmUrl(wanted.challenge, owner)
  if (realm === undefined) {
    const named = wanted.challenge.parameters.get('realm') ?? ''
    const evidence = [`it names ${URL.canParse(named) ? redactUrl(new URL(named), secrets.hide) : 'no address'}`]
    throw new TagboatError('registry-failed', {message: `${host} names no token server that may be asked.`, evidence})
  }
  const request = tokenRequest(realm, wanted)
  const response = await ask(request)
  // Before anything is said of the response: the registry may repeat the token, and so may an error of the token server.
  for (const secret of issuedSecrets(response.body)) secrets.keep(secret)
  const token = response.status === 200 ? parseToken(response.body, now()) : undefined
  if (token !== undefined) {
    const renewAt = now().getTime() + token.lifetimeMs - renewalMarginMs(token.lifetimeMs)
    return {header: `Bearer ${token.token}`, renewAt}
  }
  // What nobody may see is refused here or by the registry itself; its response then says which request was denied.
  if (wanted.known === undefined && [401, 403].includes(response.status)) {
    return {header: undefined, renewAt: now().getTime()}
  }
  throw refusal(options, request, response, wanted.scopes)
}

function tokenRequest(realm: URL, {challenge, known, texts}: TokenRequest): HttpRequest {
  if (known?.kind !== 'identity-token') {
    const header = basic(known)
    const headers = header === undefined ? {} : {authorization: header}
    return {method: 'GET', url: tokenUrl(realm, challenge, texts), headers}
  }
  // https://distribution.github.io/distribution/spec/auth/oauth/
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    service: challenge.parameters.get('service') ?? '',
    client_id: 'tagboat',
    scope: texts.join(' '),
    refresh_token: known.token.reveal(),
  })
  const headers = {'content-type': 'application/x-www-form-urlencoded'}
  return {method: 'POST', url: realm, headers, body: Buffer.from(form.toString())}
}

function refusal(
  {host, secrets: {hide}}: AuthorizationOptions,
  {method, url}: HttpRequest,
  response: HttpResponse,
  scopes: readonly Scope[],
): TagboatError {
  const [scope] = scopes
  const access = scopes.some((one) => one.access.includes('push')) ? 'push' : 'pull'
  const repository = scope === undefined ? host : `${host}/${scope.path}`
  const denied = failure({host, method, url, access, repository, authenticated: true, hide}, response)
  const {status, body} = response
  // OAuth 2 answers 400 to a refresh token that it does not take (RFC 6749, section 5.2).
  const isRefusedLogin = status === 401 || (status === 400 && method === 'POST')
  const isDenial = parseErrorBody(body, hide).some(({code}) => code === 'DENIED')
  if (isRefusedLogin && !isDenial) {
    return new TagboatError('login-refused', {message: `${host} refused the login.`, evidence: denied.evidence})
  }
  // What else it says of itself, it does not say of the repository.
  if ([401, 403, 429].includes(status) || status >= 500) return denied
  return new TagboatError('registry-failed', {
    message: `The token server of ${host} gave no token.`,
    evidence: denied.evidence,
  })
}

function basic(credentials: RegistryCredentials | undefined): string | undefined {
  if (credentials?.kind !== 'basic') return undefined
  const {username, password} = credentials
  return `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`
}
