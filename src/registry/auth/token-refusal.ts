import {TagboatError} from '../../errors/error.ts'
import type {HttpRequest, HttpResponse} from '../../io/http.ts'
import {parseErrorBody} from '../error-body.ts'
import {failure} from '../failure.ts'
import {namesCause} from '../vendors/refusals.ts'
import type {AuthorizationOptions} from './fetch-token.ts'
import type {Scope} from './scope.ts'

/** Error for a response of a token server without a token. */
export function tokenRefusal(
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
