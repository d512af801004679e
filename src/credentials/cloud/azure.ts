import type {cloudCauses} from '../../errors/causes/cloud.ts'
import {cloudError} from '../../errors/cloud-error.ts'
import {TagboatError} from '../../errors/error.ts'
import {Secret} from '../../errors/secret.ts'
import type {AzureIdentity} from '../../inputs/credentials/identity.ts'
import type {HttpResponse} from '../../io/http.ts'
import {field, parseJson} from '../../oci/manifest.ts'
import {claimLines, readExpiry, requestIdToken, type Claims} from './id-token.ts'
import type {Minted} from './minted.ts'
import {Shared} from './renewed.ts'
import {askTokenService, errorLines, errorsIn, later, statusLine, type TokenServiceIo} from './token-service.ts'

/** User name of Azure Container Registry for a refresh token. */
const username = '00000000-0000-0000-0000-000000000000'

/** Access token of Entra ID, and the subject that it was requested with. */
interface Access {
  readonly token: Secret
  readonly until: Date | undefined
  readonly subject: string
}

/** Tokens of Azure Container Registry. Registries of one client share the access token of Entra ID. */
export class AzureTokens {
  readonly #io: TokenServiceIo
  readonly #access: Shared<Access>

  constructor(io: TokenServiceIo) {
    this.#io = io
    this.#access = new Shared(io.retrier.timer.now)
  }

  /**
   * Requests a refresh token for a registry, which is valid for about three hours: the ID token of the job for an access
   * token of Entra ID, and that for a refresh token of the registry.
   * @throws TagboatError `azure-federation-refused`, `azure-client-unknown`, `acr-role-missing`, `azure-failed`,
   *   `oidc-unavailable`, `oidc-failed`.
   */
  async token(host: string, identity: AzureIdentity): Promise<Minted> {
    const io = this.#io
    const access = await this.#access.get([loginHost(host), identity], {}, async () => {
      const {token, claims} = await requestIdToken(identity.audience ?? 'api://AzureADTokenExchange', io)
      return accessToken({host, identity, token, claims}, io)
    })
    const refresh = await refreshToken(host, {access: access.token.reveal(), identity}, io)
    io.secrets.keep(refresh)
    return {
      kind: 'basic',
      username,
      password: new Secret(refresh),
      until: readExpiry(refresh),
      identity: `client ${identity.clientId} as ${access.subject}`,
    }
  }
}

interface AccessRequest {
  readonly host: string
  readonly identity: AzureIdentity
  readonly token: Secret
  readonly claims: Claims
}

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
async function accessToken({host, identity, token, claims}: AccessRequest, io: TokenServiceIo): Promise<Access> {
  const {clientId, tenantId} = identity
  const request = {
    name: 'Entra ID token',
    method: 'POST',
    url: new URL(`/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`, `https://${loginHost(host)}`),
    headers: {'content-type': 'application/x-www-form-urlencoded'},
    body: form({
      client_id: clientId,
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: token.reveal(),
      scope: 'https://containerregistry.azure.net/.default',
    }),
    unreachable: 'azure-failed',
  } as const
  const response = await askTokenService(request, io)
  const answer = parseJson(response.body)
  const [access, seconds] = [field(answer, 'access_token'), field(answer, 'expires_in')]
  if (response.status !== 200 || typeof access !== 'string')
    throw loginRefusal(statusLine(request, response), response, {identity, claims, io})
  io.secrets.keep(access)
  const until = typeof seconds === 'number' ? later(io, seconds) : undefined
  return {token: new Secret(access), until, subject: claims.sub}
}

/** Authority of the cloud that a registry belongs to: https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud */
function loginHost(host: string): string {
  if (host.endsWith('.azurecr.us')) return 'login.microsoftonline.us'
  return host.endsWith('.azurecr.cn') ? 'login.partner.microsoftonline.cn' : 'login.microsoftonline.com'
}

/** https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md */
async function refreshToken(
  host: string,
  {access, identity}: {readonly access: string; readonly identity: AzureIdentity},
  io: TokenServiceIo,
): Promise<string> {
  const request = {
    name: 'POST oauth2/exchange',
    method: 'POST',
    url: new URL('/oauth2/exchange', `https://${host}`),
    headers: {'content-type': 'application/x-www-form-urlencoded'},
    body: form({grant_type: 'access_token', service: host, tenant: identity.tenantId, access_token: access}),
    unreachable: 'registry-unreachable',
  } as const
  const response = await askTokenService(request, io)
  const refresh = field(parseJson(response.body), 'refresh_token')
  if (response.status === 200 && typeof refresh === 'string') return refresh
  const isDenied = response.status === 401 || response.status === 403
  throw new TagboatError(isDenied ? 'acr-role-missing' : 'azure-failed', {
    message: `${host} issued no token for the client ${identity.clientId}.`,
    evidence: [statusLine(request, response), ...errorLines(response, io)],
  })
}

function form(fields: Readonly<Record<string, string>>): Buffer {
  return Buffer.from(new URLSearchParams(fields).toString())
}

interface LoginFacts {
  readonly identity: AzureIdentity
  readonly claims: Claims
  readonly io: TokenServiceIo
}

/** https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
function loginRefusal(line: string, response: HttpResponse, {identity, claims, io}: LoginFacts): TagboatError {
  const [error] = errorsIn(response, io)
  // The end has the time and IDs of the request.
  const [first = ''] = (error?.message ?? '').split(/\s(?:Trace ID|Correlation ID|Timestamp):/)
  const code = loginCode(first)
  return cloudError(code, {
    evidence: [line, ...(first === '' ? [] : [first]), ...claimLines(claims)],
    ...(code === 'azure-federation-refused' && {remedy: federationRemedy(identity, claims)}),
  })
}

function loginCode(text: string): keyof typeof cloudCauses {
  if (/AADSTS(?:700213|70021|7002138|700024|7002122|700212)\b/.test(text)) return 'azure-federation-refused'
  return /AADSTS(?:90002|700016|900023)\b/.test(text) ? 'azure-client-unknown' : 'azure-failed'
}

function federationRemedy({clientId}: AzureIdentity, {iss, sub, aud}: Claims): string {
  return `Add a federated credential to the application or managed identity ${clientId}, with the issuer ${iss}, the subject ${sub} and the audience ${aud}. Upper and lower case have to match.`
}
