import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {json, type GitHubTokens} from './github-tokens.ts'

interface GoogleOptions {
  readonly tokens: GitHubTokens
  /** Full name of the only provider. */
  readonly provider: string
  /** Audience that the provider allows. Default: its address, as Google sets it. */
  readonly audience?: string
  /** Subject that the attribute condition allows. */
  readonly subject: string
  /** Service account, and the subject that may act as it. */
  readonly serviceAccount?: {readonly email: string; readonly subject: string}
}

const federated = 'canary-federated-token'
const scope = 'https://www.googleapis.com/auth/cloud-platform'

/** Stand-in for the token services of Google Cloud. Undefined for other hosts. */
export function googleDouble(request: HttpRequest, options: GoogleOptions): HttpResponse | undefined {
  const {host, pathname} = request.url
  if (request.method !== 'POST' || request.headers['content-type'] !== 'application/json') return undefined
  if (host === 'sts.googleapis.com' && pathname === '/v1/token') return exchange(request, options)
  return host === 'iamcredentials.googleapis.com' ? impersonation(request, options) : undefined
}

/** https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token */
function exchange(request: HttpRequest, options: GoogleOptions): HttpResponse {
  const {tokens, provider, subject, audience = `https://iam.googleapis.com/${provider}`} = options
  const body = bodyOf(request)
  const oauthError = (error: string, text: string): HttpResponse => json(400, {error, error_description: text})
  if (body['grantType'] !== 'urn:ietf:params:oauth:grant-type:token-exchange' || body['scope'] !== scope)
    return oauthError('invalid_request', 'Invalid value for "grantType".')
  if (body['subjectTokenType'] !== 'urn:ietf:params:oauth:token-type:jwt')
    return oauthError('invalid_request', 'Invalid value for "subjectTokenType".')
  if (body['audience'] !== `//iam.googleapis.com/${provider}`)
    return oauthError('invalid_target', 'The target service indicated by the "audience" parameters is invalid.')
  const claims = tokens.verify(String(body['subjectToken']))
  if (claims?.['aud'] !== audience)
    return oauthError('invalid_grant', 'The audience in ID Token does not match the expected audience.')
  if (claims['sub'] !== subject)
    return oauthError('unauthorized_client', 'The given credential is rejected by the attribute condition.')
  return json(200, {access_token: federated, token_type: 'Bearer', expires_in: 300})
}

/** https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken */
function impersonation(
  {url, headers, ...request}: HttpRequest,
  {serviceAccount, subject}: GoogleOptions,
): HttpResponse {
  const body = bodyOf(request)
  const email = /\/serviceAccounts\/([^:]+):generateAccessToken$/.exec(decodeURIComponent(url.pathname))?.[1]
  if (headers['authorization'] !== `Bearer ${federated}` || !Array.isArray(body['scope']))
    return json(401, {
      error: {code: 401, message: 'Request had invalid authentication credentials.', status: 'UNAUTHENTICATED'},
    })
  if (email !== serviceAccount?.email || serviceAccount?.subject !== subject) {
    const message = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."
    return json(403, {error: {code: 403, message, status: 'PERMISSION_DENIED'}})
  }
  return json(200, {accessToken: 'canary-account-token', expireTime: '2026-01-02T04:04:05Z'})
}

function bodyOf({body}: Pick<HttpRequest, 'body'>): Readonly<Record<string, unknown>> {
  return body instanceof Uint8Array ? (JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>) : {}
}

/** Key of a service account, as Google Cloud issues it. */
export const googleKeyFile = {
  type: 'service_account',
  project_id: 'project',
  private_key_id: '0123456789abcdef',
  private_key: '-----BEGIN PRIVATE KEY-----\ncanary-private-key\n-----END PRIVATE KEY-----\n',
  client_email: 'ci@project.iam.gserviceaccount.com',
}

interface WorkloadFile {
  readonly type: 'external_account'
  readonly audience: string
  readonly subject_token_type: string
  readonly token_url: string
  readonly credential_source: {
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly format: {readonly type: string; readonly subject_token_field_name: string}
  }
  readonly service_account_impersonation_url?: string
}

/** Credential file for a workload identity, as google-github-actions/auth writes it in a job of the stand-in for GitHub. */
export function googleWorkloadFile({
  provider,
  email,
}: {
  readonly provider: string
  readonly email?: string
}): WorkloadFile {
  const audience = encodeURIComponent(`https://iam.googleapis.com/${provider}`)
  return {
    type: 'external_account',
    audience: `//iam.googleapis.com/${provider}`,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    credential_source: {
      url: `https://tokens.example/idtoken?api-version=2.0&audience=${audience}`,
      headers: {Authorization: 'Bearer canary-request-token'},
      format: {type: 'json', subject_token_field_name: 'value'},
    },
    ...(email !== undefined && {
      service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${email}:generateAccessToken`,
    }),
  }
}
