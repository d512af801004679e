import {isQuay} from '../vendors/quay.ts'

/**
 * Action in a repository: https://distribution.github.io/distribution/spec/auth/scope/. Azure has one for the attributes of
 * tags: https://learn.microsoft.com/azure/container-registry/container-registry-authentication
 */
export type Access = 'pull' | 'push' | 'delete' | 'metadata_read'

/** Actions in one repository. */
export interface Scope {
  /** Path of the repository: `owner/app`. */
  readonly path: string
  readonly access: readonly Access[]
}

/** Scope to read from a repository. */
export const reading = (path: string): Scope => ({path, access: ['pull']})
/** Scope to write to a repository. */
export const writing = (path: string): Scope => ({path, access: ['pull', 'push']})
/** Scope to delete from a repository. */
export const deleting = (path: string): Scope => ({path, access: ['pull', 'push', 'delete']})

/** Facts that decide which scope a request has. */
interface ScopeFacts {
  /** Reports whether this run pushes to the repository with this path. */
  readonly pushesTo: (path: string) => boolean
  /** `WWW-Authenticate` header of the response to `/v2/`. */
  readonly challenge: string | undefined
}

/**
 * Scope of a request. Read requests to a repository that the run pushes to use the scope for pushes: one token for both,
 * and registries hide a repository that does not exist yet from readers. Not with Quay, which would create it. The token
 * server of Quay answers 400 to the action `delete`, for which it requires the action `push`
 * (endpoints/v2/v2auth.py of https://github.com/quay/quay).
 */
export function scopeToRequest(scope: Scope, {pushesTo, challenge}: ScopeFacts): Scope {
  const isRead = scope.access.every((access) => access === 'pull')
  if (isQuay(challenge)) return {...scope, access: scope.access.filter((access) => access !== 'delete')}
  return isRead && pushesTo(scope.path) ? writing(scope.path) : scope
}

/** Formats a scope as `repository:owner/app:pull,push`. */
export function formatScope({path, access}: Scope): string {
  return `repository:${path}:${access.join(',')}`
}

/** Reports whether granted scopes cover all requested scopes; both as texts. */
export function covers(granted: readonly string[], requested: readonly string[]): boolean {
  return requested.every((want) => granted.some((have) => coversOne(have, want)))
}

function coversOne(have: string, want: string): boolean {
  if (have === want) return true
  const [haveName, haveActions] = splitScope(have)
  const [wantName, wantActions] = splitScope(want)
  return haveName === wantName && wantActions.every((action) => haveActions.includes(action))
}

/** Splits a scope as text into its name and its actions. */
export function splitScope(text: string): readonly [string, readonly string[]] {
  const colon = text.lastIndexOf(':')
  return [text.slice(0, colon), text.slice(colon + 1).split(',')]
}
