import {TagboatError} from '../../errors/error.ts'
import type {RegistryCredentials} from './credentials.ts'
import type {AuthorizationOptions, TokenRequest} from './fetch-token.ts'
import {replacementOf, secretOf, type LoginState} from './renew.ts'

/**
 * Credentials in place of those that a token server has accepted before and refuses now. Undefined if their source has no
 * others.
 */
export async function replacedLogin(
  {credentials: lookUp}: AuthorizationOptions,
  {credentials}: TokenRequest,
  state: LoginState,
): Promise<RegistryCredentials | undefined> {
  const isOther = (found: RegistryCredentials): boolean =>
    credentials !== undefined && secretOf(found) !== secretOf(credentials)
  return replacementOf(credentials, {state, lookUp, isOther})
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
