import {parseChallenge} from './challenge.ts'
import type {RegistryCredentials} from './credentials.ts'
import {namedScopes} from './named-scopes.ts'
import {covers, formatScope, type Scope} from './scope.ts'

/** Knowledge about the credentials of a registry host. */
export interface LoginState {
  /** Whether the registry or its token server has accepted credentials, which may expire. */
  hasAccepted: boolean
  /** Scopes, as texts, for which the token server has issued tokens. */
  readonly granted: Set<string>
  /** Credentials that were sent to the registry itself last. */
  sent: {readonly credentials: RegistryCredentials | undefined; readonly header: string | undefined} | undefined
  /** Credentials that replaced refused ones, and were not accepted yet. */
  replacement: RegistryCredentials | undefined
  /** Secrets of refused credentials in place of which their source has no others. It gets no second request for them. */
  readonly unreplaced: Set<string>
}

/** Request whose header the registry refused. */
interface RefusedRequest {
  readonly scopes: readonly Scope[]
  readonly used: string | undefined
  readonly challenge: string | undefined
}

interface Headers {
  readonly state: LoginState
  readonly headerFor: (scopes: readonly Scope[], texts: readonly string[]) => Promise<string | undefined>
  readonly plainHeader: (credentials: RegistryCredentials | undefined) => string | undefined
  readonly lookUp: (refused: RegistryCredentials) => Promise<RegistryCredentials | undefined>
}

/**
 * Reports whether refused credentials are replaced: the registry has accepted these or earlier ones, they are not
 * replacements themselves, and their source was not asked in vain.
 */
export function mayReplace(
  credentials: RegistryCredentials,
  {hasAccepted, replacement, unreplaced}: LoginState,
): boolean {
  return hasAccepted && credentials !== replacement && !unreplaced.has(secretOf(credentials))
}

/** Password or token of credentials. */
export function secretOf(credentials: RegistryCredentials): string {
  return (credentials.kind === 'basic' ? credentials.password : credentials.token).reveal()
}

/**
 * Header in place of a refused one: with a new token, or with the credentials that replace those that the registry had
 * accepted. Undefined if there is no other.
 */
export async function renew(
  {scopes, used, challenge}: RefusedRequest,
  {state, headerFor, plainHeader, lookUp}: Headers,
): Promise<string | undefined> {
  const requested = scopes.map(formatScope)
  const named = namedScopes(parseChallenge(challenge ?? '')?.parameters.get('scope'), scopes)
  const added = named.filter((text) => !covers(requested, [text]))
  const renewed = await headerFor(scopes, [...requested, ...added])
  if (renewed !== used) return renewed
  const credentials = state.sent?.header === used ? state.sent?.credentials : undefined
  if (credentials === undefined || !mayReplace(credentials, state)) return undefined
  const fresh = await lookUp(credentials)
  const header = plainHeader(fresh)
  if (header === undefined || header === used) {
    state.unreplaced.add(secretOf(credentials))
    return undefined
  }
  state.replacement = fresh
  return header
}
