import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {json, type GitHubTokens} from './github-tokens.ts'

interface AzureOptions {
  readonly tokens: GitHubTokens
  readonly host: string
  readonly loginHost?: string
  readonly tenantId: string
  readonly clientId: string
  /** Subject of the federated credential. */
  readonly subject: string
  /** Audience of the federated credential. Default: that of the portal. */
  readonly audience?: string
  readonly hasRole?: boolean
}

const access = 'canary-entra-token'
/** Payload with the expiry 2026-01-02T06:04:05Z. */
export const refresh = `e30.${Buffer.from('{"exp":1767333845}').toString('base64url')}.canary`

/** Stand-in for Entra ID and the token exchange of Azure Container Registry. Undefined for other hosts. */
export function azureDouble(request: HttpRequest, options: AzureOptions): HttpResponse | undefined {
  const {host} = request.url
  const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded' && request.method === 'POST'
  if (!isForm) return undefined
  if (host === (options.loginHost ?? 'login.microsoftonline.com')) return login(request, options)
  return host === options.host ? exchange(request, options) : undefined
}

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
function login(request: HttpRequest, options: AzureOptions): HttpResponse {
  const {tokens, tenantId, clientId, subject, audience = 'api://AzureADTokenExchange'} = options
  const form = formOf(request)
  const refusal = (status: number, error: string, text: string): HttpResponse =>
    json(status, {error, error_description: `${text}\r\nTrace ID: 1\r\nTimestamp: 2026`})
  if (request.url.pathname !== `/${tenantId}/oauth2/v2.0/token`)
    return refusal(400, 'invalid_request', `AADSTS90002: Tenant 'x' not found.`)
  if (form.get('client_id') !== clientId)
    return refusal(400, 'unauthorized_client', `AADSTS700016: Application with identifier 'x' was not found.`)
  const claims = tokens.verify(form.get('client_assertion') ?? '')
  const isRequest =
    form.get('grant_type') === 'client_credentials' &&
    form.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' &&
    form.get('scope') === 'https://containerregistry.azure.net/.default'
  if (!isRequest || claims?.['aud'] !== audience)
    return refusal(
      401,
      'invalid_client',
      'AADSTS700212: No matching federated identity record found for presented assertion audience.',
    )
  if (claims['sub'] !== subject)
    return refusal(
      401,
      'invalid_client',
      `AADSTS700213: No matching federated identity record found for presented assertion subject '${String(claims['sub'])}'.`,
    )
  return json(200, {token_type: 'Bearer', expires_in: 3599, access_token: access})
}

/** https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md */
function exchange(request: HttpRequest, {host, hasRole = true, tenantId}: AzureOptions): HttpResponse {
  const form = formOf(request)
  const isExchange =
    request.url.pathname === '/oauth2/exchange' &&
    form.get('grant_type') === 'access_token' &&
    form.get('service') === host &&
    form.get('tenant') === tenantId &&
    form.get('access_token') === access
  const message = 'authentication required, visit https://aka.ms/acr/authorization for more information.'
  return isExchange && hasRole
    ? json(200, {refresh_token: refresh})
    : json(401, {errors: [{code: 'UNAUTHORIZED', message, detail: null}]})
}

function formOf({body}: HttpRequest): URLSearchParams {
  return new URLSearchParams(body instanceof Uint8Array ? Buffer.from(body).toString() : '')
}
