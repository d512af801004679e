import {TagboatError} from '../../errors/error.ts'
import type {RegistryCredentials} from './credentials.ts'
import type {AuthorizationOptions, TokenRequest} from './fetch-token.ts'
import {mayReplace, secretOf, type LoginState} from './renew.ts'

/**
 * Credentials in place of those that a token server has accepted before and refuses now. Undefined if their source has no
 * others.
 */
export async function replacedLogin(
  {credentials: lookUp}: AuthorizationOptions,
  {credentials}: TokenRequest,
  state: LoginState,
): Promise<RegistryCredentials | undefined> {
  if (credentials === undefined || !mayReplace(credentials, state)) return undefined
  const fresh = await lookUp(credentials)
  if (fresh === undefined || secretOf(fresh) === secretOf(credentials)) {
    state.unreplaced.add(secretOf(credentials))
    return undefined
  }
  state.replacement = fresh
  return fresh
}

/**
 * Error for a refused login without a replacement: it has expired if a token for the same scopes was issued before. A
 * login that may only read gets the same answer when it asks for a token to push.
 */
export function refusedLogin(error: TagboatError, {host}: AuthorizationOptions, isGranted: boolean): TagboatError {
  if (!isGranted) return error
  return new TagboatError('login-expired', {
    message: `The login to ${host} has expired.`,
    evidence: error.evidence,
  })
}
