import type {HttpRequest, HttpResponse} from '../../io/http.ts'
import {TagboatError} from '../../errors/error.ts'
import type {SecretKeeper} from '../../errors/known-secrets.ts'
import {basicHeader} from './basic.ts'
import type {Challenge} from './challenge.ts'
import {realmUrl, tokenUrl, type RealmOwner} from './realm.ts'
import type {RegistryCredentials} from './credentials.ts'
import {parseErrorBody} from '../error-body.ts'
import {failure} from '../failure.ts'
import {redactUrl} from '../redact.ts'
import {namesCause} from '../vendors/refusals.ts'
import type {Scope} from './scope.ts'
import type {CachedToken} from './token-cache.ts'
import {issuedSecrets, parseToken, renewalMarginMs} from './token.ts'

/** Facts and side effects of the authorization of one registry host. */
export interface AuthorizationOptions {
  /** Host of the registry, as in image references. */
  readonly host: string
  readonly owner: RealmOwner
  readonly credentials: () => Promise<RegistryCredentials | undefined>
  /** Sends a request to a token server, with retries. */
  readonly sendTokenRequest: (request: HttpRequest) => Promise<HttpResponse>
  readonly now: () => Date
  readonly secrets: SecretKeeper
}

/** Token to request. */
interface TokenRequest {
  readonly challenge: Challenge
  readonly credentials: RegistryCredentials | undefined
  readonly scopes: readonly Scope[]
  /** Scopes as texts, with those of the challenge. */
  readonly texts: readonly string[]
}

/**
 * Requests a token from the token server that the challenge names.
 * @throws TagboatError `login-refused` or a denial, by the response of the token server.
 */
export async function fetchToken(options: AuthorizationOptions, token: TokenRequest): Promise<CachedToken> {
  const {host, owner, sendTokenRequest, now, secrets} = options
  const realm = realmUrl(token.challenge, owner)
  if (realm === undefined) {
    const realmText = token.challenge.parameters.get('realm') ?? ''
    const evidence = [`realm: ${URL.canParse(realmText) ? redactUrl(new URL(realmText), secrets.hide) : 'not a URL'}`]
    throw new TagboatError('registry-failed', {message: `${host} does not name a valid token server.`, evidence})
  }
  const request = httpRequest(realm, token)
  const response = await sendTokenRequest(request)
  // First, since the registry or an error of the token server may repeat the token.
  for (const secret of issuedSecrets(response.body)) secrets.keep(secret)
  const issued = response.status === 200 ? parseToken(response.body, now()) : undefined
  if (issued !== undefined) {
    const renewAt = now().getTime() + issued.lifetimeMs - renewalMarginMs(issued.lifetimeMs)
    return {header: `Bearer ${issued.token}`, renewAt}
  }
  // Without credentials, the request is sent anonymously, so that the refusal of the registry names the denied request.
  if (token.credentials === undefined && [401, 403].includes(response.status)) {
    return {header: undefined, renewAt: now().getTime()}
  }
  throw refusal(options, request, response, token.scopes)
}

function httpRequest(realm: URL, {challenge, credentials, texts}: TokenRequest): HttpRequest {
  if (credentials?.kind !== 'identity-token') {
    const header = basicHeader(credentials)
    const headers = header === undefined ? {} : {authorization: header}
    return {method: 'GET', url: tokenUrl(realm, challenge, texts), headers}
  }
  // https://distribution.github.io/distribution/spec/auth/oauth/
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    service: challenge.parameters.get('service') ?? '',
    client_id: 'tagboat',
    scope: texts.join(' '),
    refresh_token: credentials.token.reveal(),
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
  // OAuth 2 responds with 400 to an invalid refresh token (RFC 6749, section 5.2).
  const isRefusedLogin = status === 401 || (status === 400 && method === 'POST')
  const isDenial = parseErrorBody(body, hide).some(({code}) => code === 'DENIED')
  if (isRefusedLogin && !isDenial && !namesCause(denied.code)) {
    return new TagboatError('login-refused', {message: `${host} refused the login.`, evidence: denied.evidence})
  }
  // Other errors are about the token server, not about the repository.
  if (namesCause(denied.code) || [401, 403, 429].includes(status) || status >= 500) return denied
  return new TagboatError('registry-failed', {
    message: `The token server of ${host} did not issue a token.`,
    evidence: denied.evidence,
  })
}
