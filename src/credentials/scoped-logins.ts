import type {LoginScope} from '../inputs/credentials/login-scope.ts'
import {normaliseHost} from '../oci/reference.ts'
import type {Scope} from '../registry/auth/scope.ts'

/** Login for a registry, or for a part of it. */
export interface ScopedLogin {
  /** Normalized host. */
  readonly host: string
  readonly scope?: LoginScope | undefined
}

/** Repository, and whether this run pushes to it. */
interface RepositoryUse {
  readonly host: string
  readonly path: string
  readonly isPushed: boolean
}

/**
 * Login for a repository: the one with the longest scope that the path begins with, of two equal ones the one for this
 * action. A login without a scope is for all other repositories of its registry.
 */
export function loginFor<T extends ScopedLogin>(logins: readonly T[], use: RepositoryUse): T | undefined {
  const matching = logins.filter(({host, scope}) => host === use.host && (scope === undefined || covers(scope, use)))
  return matching.toSorted((one, other) => rank(other) - rank(one))[0]
}

/** Login for actions in a repository, or for a registry. */
export function loginForScope<T extends ScopedLogin>(
  logins: readonly T[],
  host: string,
  scope: Scope | undefined,
): T | undefined {
  const isPushed = scope?.access.some((action) => action !== 'pull') === true
  return loginFor(logins, {host: normaliseHost(host), path: scope?.path ?? '', isPushed})
}

/** Name that distinguishes the login for actions in a repository from the others of its registry. */
export function loginName(logins: readonly ScopedLogin[], host: string, scope: Scope | undefined): string {
  const used = loginForScope(logins, host, scope)
  return used === undefined ? '' : String(logins.indexOf(used))
}

function covers({path, actions}: LoginScope, use: RepositoryUse): boolean {
  const isOfPath = path === '' || use.path === path || use.path.startsWith(`${path}/`)
  return isOfPath && (actions.length === 0 || actions.includes(use.isPushed ? 'push' : 'pull'))
}

function rank({scope}: ScopedLogin): number {
  if (scope === undefined) return 0
  return 1 + 2 * scope.path.length + (scope.actions.length > 0 ? 1 : 0)
}
