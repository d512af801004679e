import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {json, unsignedToken, type GitHubTokens} from './github-tokens.ts'

interface JFrogOptions {
  readonly tokens: GitHubTokens
  readonly host: string
  readonly providerName: string
  readonly audience: string
  /** Subject of the only identity mapping. */
  readonly subject: string
  readonly projectKey?: string
}

/** User of the identity mapping. */
export const jfrogUser = 'publisher'
/** Access token with the expiry 2026-01-02T04:04:05Z. */
export const jfrogAccess = unsignedToken({sub: `jfac@01canary/users/${jfrogUser}`, exp: 1_767_326_645})

/**
 * Stand-in for the OIDC integration of a JFrog platform, by its documentation and the source of jfrog/setup-jfrog-cli.
 * Undefined for other hosts and paths.
 */
export function jfrogDouble(request: HttpRequest, options: JFrogOptions): HttpResponse | undefined {
  const {url, method, headers, body} = request
  if (url.host !== options.host || url.pathname !== '/access/api/v1/oidc/token') return undefined
  const refusal = (status: number, code: string, message: string): HttpResponse =>
    json(status, {errors: [{code, message}]})
  if (method !== 'POST' || headers['content-type'] !== 'application/json')
    return refusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Unsupported Media Type')
  const given = JSON.parse(Buffer.from(body as Uint8Array).toString()) as Readonly<Record<string, unknown>>
  const isExchange =
    given['grant_type'] === 'urn:ietf:params:oauth:grant-type:token-exchange' &&
    given['subject_token_type'] === 'urn:ietf:params:oauth:token-type:id_token'
  if (!isExchange) return refusal(400, 'BAD_REQUEST', 'Invalid grant type')
  if (given['provider_name'] !== options.providerName) return refusal(404, 'NOT_FOUND', 'Provider was not found')
  const claims = options.tokens.verify(String(given['subject_token']))
  if (claims?.['aud'] !== options.audience) return refusal(401, 'UNAUTHORIZED', 'Invalid audience')
  if (claims['sub'] !== options.subject || given['project_key'] !== options.projectKey)
    return refusal(403, 'FORBIDDEN', 'No identity mapping matches the claims')
  return json(200, {access_token: jfrogAccess, token_type: 'Bearer', expires_in: 3600})
}
