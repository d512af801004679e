import type {cloudCauses} from '../../errors/causes/cloud.ts'
import {cloudError} from '../../errors/cloud-error.ts'
import {TagboatError} from '../../errors/error.ts'
import {Secret} from '../../errors/secret.ts'
import type {GoogleIdentity} from '../../inputs/credentials/identity.ts'
import type {HttpResponse} from '../../io/http.ts'
import {field, parseJson} from '../../oci/manifest.ts'
import {claimLines, requestIdToken, type Claims, type IdToken} from './id-token.ts'
import type {Minted} from './minted.ts'
import {askTokenService, errorLines, errorsIn, later, statusLine, type TokenServiceIo} from './token-service.ts'

/** User name of Artifact Registry for an access token. */
const username = 'oauth2accesstoken'
const scope = 'https://www.googleapis.com/auth/cloud-platform'

/**
 * Requests an access token for Artifact Registry.
 * @throws TagboatError `gcp-provider-unknown`, `gcp-condition-refused`, `gcp-impersonation-denied`, `gcp-failed`,
 *   `oidc-unavailable`, `oidc-failed`.
 */
export async function googleToken(identity: GoogleIdentity, io: TokenServiceIo): Promise<Minted> {
  const {provider, audience = `https://iam.googleapis.com/${provider}`} = identity
  return exchangeIdToken(await requestIdToken(audience, io), identity, io)
}

/**
 * Exchanges an ID token for an access token of the workload, or of the service account.
 * @throws TagboatError `gcp-provider-unknown`, `gcp-condition-refused`, `gcp-impersonation-denied`, `gcp-failed`.
 */
export async function exchangeIdToken(
  {token, claims}: IdToken,
  identity: Pick<GoogleIdentity, 'provider' | 'serviceAccount'>,
  io: TokenServiceIo,
): Promise<Minted> {
  const {provider, serviceAccount} = identity
  const workload = await exchange(token, {provider, claims}, io)
  if (serviceAccount === undefined)
    return {...workload, kind: 'basic', username, identity: `${claims.sub} of ${provider}`}
  const account = await impersonate(workload.password, {...identity, serviceAccount, claims}, io)
  return {...account, kind: 'basic', username, identity: `${serviceAccount} as ${claims.sub}`}
}

type Token = Pick<Minted, 'password' | 'until'>

interface Federation {
  readonly provider: string
  readonly claims: Claims
}

/** https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token */
async function exchange(idToken: Secret, federation: Federation, io: TokenServiceIo): Promise<Token> {
  const request = {
    name: 'token',
    method: 'POST',
    url: new URL('https://sts.googleapis.com/v1/token'),
    headers: {'content-type': 'application/json'},
    body: jsonBody({
      audience: `//iam.googleapis.com/${federation.provider}`,
      grantType: 'urn:ietf:params:oauth:grant-type:token-exchange',
      requestedTokenType: 'urn:ietf:params:oauth:token-type:access_token',
      scope,
      subjectTokenType: 'urn:ietf:params:oauth:token-type:jwt',
      subjectToken: idToken.reveal(),
    }),
    unreachable: 'gcp-failed',
  } as const
  const response = await askTokenService(request, io)
  const answer = parseJson(response.body)
  const [token, seconds] = [field(answer, 'access_token'), field(answer, 'expires_in')]
  if (response.status === 200 && typeof token === 'string') {
    const until = typeof seconds === 'number' ? later(io, seconds) : undefined
    return kept(token, until, io)
  }
  throw exchangeRefusal(statusLine(request, response), response, {...federation, io})
}

/** https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken */
async function impersonate(
  workload: Secret,
  {serviceAccount, ...federation}: Federation & {readonly serviceAccount: string},
  io: TokenServiceIo,
): Promise<Token> {
  const path = `/v1/projects/-/serviceAccounts/${encodeURIComponent(serviceAccount)}:generateAccessToken`
  const request = {
    name: 'generateAccessToken',
    method: 'POST',
    url: new URL(path, 'https://iamcredentials.googleapis.com'),
    headers: {'content-type': 'application/json', authorization: `Bearer ${workload.reveal()}`},
    body: jsonBody({scope: [scope], lifetime: '3600s'}),
    unreachable: 'gcp-failed',
  } as const
  const response = await askTokenService(request, io)
  const answer = parseJson(response.body)
  const [token, expiry] = [field(answer, 'accessToken'), field(answer, 'expireTime')]
  if (response.status === 200 && typeof token === 'string') {
    const until = typeof expiry === 'string' && !Number.isNaN(Date.parse(expiry)) ? new Date(expiry) : undefined
    return kept(token, until, io)
  }
  const isDenied = response.status === 403 || response.status === 404
  throw new TagboatError(isDenied ? 'gcp-impersonation-denied' : 'gcp-failed', {
    message: isDenied
      ? `Google Cloud did not let this job act as ${serviceAccount}.`
      : `Google Cloud issued no token for ${serviceAccount}.`,
    evidence: [statusLine(request, response), ...errorLines(response, io), ...claimLines(federation.claims)],
    ...(isDenied && {remedy: impersonationRemedy(serviceAccount, federation)}),
  })
}

function kept(token: string, until: Date | undefined, io: TokenServiceIo): Token {
  io.secrets.keep(token)
  return {password: new Secret(token), until}
}

function jsonBody(value: object): Buffer {
  return Buffer.from(JSON.stringify(value))
}

/** Error of STS as of OAuth 2: https://cloud.google.com/iam/docs/troubleshooting-workload-identity-federation */
function exchangeRefusal(
  line: string,
  response: HttpResponse,
  {provider, claims, io}: Federation & {readonly io: TokenServiceIo},
): TagboatError {
  const [error] = errorsIn(response, io)
  const code = exchangeCode(error?.written ?? '', error?.message ?? '')
  const message =
    code === 'gcp-provider-unknown' ? `Google Cloud has no workload identity provider ${provider}.` : undefined
  return cloudError(code, {
    ...(message !== undefined && {message}),
    evidence: [line, ...errorLines(response, io), ...claimLines(claims)],
  })
}

function exchangeCode(error: string, description: string): keyof typeof cloudCauses {
  if (error === 'invalid_target' || error === 'invalid_request') {
    return description.includes('127 bytes') ? 'gcp-condition-refused' : 'gcp-provider-unknown'
  }
  return error === 'unauthorized_client' || error === 'invalid_grant' ? 'gcp-condition-refused' : 'gcp-failed'
}

function impersonationRemedy(serviceAccount: string, {provider, claims}: Federation): string {
  const [pool = ''] = provider.split('/providers/')
  return `Grant the role roles/iam.workloadIdentityUser on ${serviceAccount} to principal://iam.googleapis.com/${pool}/subject/${claims.sub}, or to a principalSet of the pool. A change takes up to five minutes.`
}
