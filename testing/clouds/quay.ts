import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {json, unsignedToken, type GitHubTokens} from './github-tokens.ts'

interface QuayOptions {
  readonly tokens: GitHubTokens
  readonly host: string
  readonly robot: string
  /** Subject of the only federation of the robot. */
  readonly subject: string
  /** Audience that the server requires; undefined if it accepts each. */
  readonly audience?: string
}

/** Password of the robot, with the expiry 2026-01-02T04:04:05Z. */
export const robotPassword = unsignedToken({exp: 1_767_326_645})

/**
 * Stand-in for the federation of robots of Quay (endpoints/oauth/robot_identity_federation.py of quay/quay). Undefined
 * for other hosts and paths.
 */
export function quayDouble(request: HttpRequest, options: QuayOptions): HttpResponse | undefined {
  const {url, method, headers} = request
  if (url.host !== options.host || url.pathname !== '/oauth2/federation/robot/token') return undefined
  const refusal = (error: string): HttpResponse => json(401, {error})
  const [, login] = /^Basic (\S+)$/.exec(headers['authorization'] ?? '') ?? []
  if (method !== 'GET') return json(405, {error: 'method not allowed'})
  if (login === undefined) return refusal('missing auth')
  const [robot, token] = Buffer.from(login, 'base64').toString().split(':')
  if (robot !== options.robot) return refusal(`Could not find robot with specified username`)
  const claims = options.tokens.verify(token ?? '')
  if (claims === undefined) return refusal('Invalid token')
  if (options.audience !== undefined && claims['aud'] !== options.audience) return refusal('Invalid audience')
  // Issuer and subject are compared exactly.
  if (claims['iss'] !== options.tokens.issuer || claims['sub'] !== options.subject)
    return refusal('Token does not match robot')
  return json(200, {token: robotPassword})
}
