import type {HttpRequest, HttpResponse} from '../../io/http.ts'
import {TagboatError} from '../../errors/error.ts'
import type {SecretKeeper} from '../../errors/known-secrets.ts'
import {basicHeader} from './basic.ts'
import type {Challenge} from './challenge.ts'
import {realmUrl, tokenUrl, type RealmOwner} from './realm.ts'
import type {RegistryCredentials} from './credentials.ts'
import {redactUrl} from '../redact.ts'
import type {LoginState} from './renew.ts'
import type {Scope} from './scope.ts'
import type {CachedToken} from './token-cache.ts'
import {issuedSecrets, parseToken, renewalMarginMs} from './token.ts'

/** Facts and side effects of the authorization of one registry host. */
export interface AuthorizationOptions {
  /** Host of the registry, as in image references. */
  readonly host: string
  readonly owner: RealmOwner
  /** Looks up the credentials, or others in place of those that were accepted before and are refused now. */
  readonly credentials: (refused?: RegistryCredentials) => Promise<RegistryCredentials | undefined>
  /** Sends a request to a token server, with retries. */
  readonly sendTokenRequest: (request: HttpRequest) => Promise<HttpResponse>
  readonly now: () => Date
  readonly secrets: SecretKeeper
}

/** Token to request. */
export interface TokenRequest {
  readonly challenge: Challenge
  readonly credentials: RegistryCredentials | undefined
  readonly scopes: readonly Scope[]
  /** Scopes as texts, with those of the challenge. */
  readonly texts: readonly string[]
}

/**
 * Requests a token from the token server that the challenge names. If it refuses credentials that it has accepted
 * before, they have expired: others are used once, if their source has others.
 * @throws TagboatError `login-refused`, `login-expired` or a denial, by the response of the token server.
 */
export async function fetchToken(
  options: AuthorizationOptions,
  token: TokenRequest,
  state: LoginState,
): Promise<CachedToken> {
  const scopes = token.texts.join(' ')
  try {
    const issued = await requestToken(options, token)
    if (token.credentials !== undefined) {
      state.hasAccepted = true
      state.replacement = undefined
    }
    state.granted.add(scopes)
    return issued
  } catch (error) {
    if (!(error instanceof TagboatError) || !/^login-(?:refused|expired)$/.test(error.code)) throw error
    const {refusedLogin, replacedLogin} = await import('./replace-login.ts')
    const credentials = await replacedLogin(options, token, state)
    if (credentials !== undefined) return fetchToken(options, {...token, credentials}, state)
    throw refusedLogin(error, options, state.granted.has(scopes))
  }
}

/** @throws TagboatError `login-refused` or a denial */
async function requestToken(options: AuthorizationOptions, token: TokenRequest): Promise<CachedToken> {
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
  const {tokenRefusal} = await import('./token-refusal.ts')
  throw tokenRefusal(options, request, response, token.scopes)
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
