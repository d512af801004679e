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

interface Replacement {
  readonly state: LoginState
  readonly lookUp: (refused: RegistryCredentials) => Promise<RegistryCredentials | undefined>
  /** Reports whether found credentials differ from the refused ones. */
  readonly isOther: (found: RegistryCredentials) => boolean
}

interface Headers extends Omit<Replacement, 'isOther'> {
  readonly headerFor: (scopes: readonly Scope[], texts: readonly string[]) => Promise<string | undefined>
  readonly plainHeader: (credentials: RegistryCredentials | undefined) => string | undefined
}

/**
 * Reports whether refused credentials are replaced: the registry has accepted these or earlier ones, they are not
 * replacements themselves, and their source was not asked in vain.
 */
function mayReplace(credentials: RegistryCredentials, {hasAccepted, replacement, unreplaced}: LoginState): boolean {
  return hasAccepted && credentials !== replacement && !unreplaced.has(secretOf(credentials))
}

/**
 * Credentials in place of refused ones, if they may be replaced and their source has others. Otherwise the source gets no
 * second request for them.
 */
export async function replacementOf(
  refused: RegistryCredentials | undefined,
  {state, lookUp, isOther}: Replacement,
): Promise<RegistryCredentials | undefined> {
  if (refused === undefined || !mayReplace(refused, state)) return undefined
  const found = await lookUp(refused)
  if (found === undefined || !isOther(found)) {
    state.unreplaced.add(secretOf(refused))
    return undefined
  }
  state.replacement = found
  return found
}

/** Password or token of credentials. */
export function secretOf(credentials: RegistryCredentials): string {
  return (credentials.kind === 'basic' ? credentials.password : credentials.token).reveal()
}

/**
 * Header in place of a refused one: with a new token, or with the credentials that replace those that the registry had
 * accepted. Undefined if no other exists.
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
  const isOther = (found: RegistryCredentials): boolean => {
    const header = plainHeader(found)
    return header !== undefined && header !== used
  }
  const found = await replacementOf(credentials, {state, lookUp, isOther})
  return found && plainHeader(found)
}
