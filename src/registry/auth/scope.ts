/** Action in a repository: https://distribution.github.io/distribution/spec/auth/scope/ */
export type Access = 'pull' | 'push' | 'delete'

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

/** Formats a scope as `repository:owner/app:pull,push`. */
export function formatScope({path, access}: Scope): string {
  return `repository:${path}:${access.join(',')}`
}

/** Splits a `scope` parameter at spaces. */
export function scopeTexts(parameter: string | undefined): readonly string[] {
  return (parameter ?? '').split(' ').filter((text) => text !== '')
}

/**
 * Scopes of a challenge that may be requested: actions of the request in its own repositories. Otherwise a registry
 * could gain access to other repositories with the user's credentials, if it shares a token server with them. Some
 * registries write the action `delete` as `*`.
 */
export function namedScopes(parameter: string | undefined, requested: readonly Scope[]): readonly string[] {
  return scopeTexts(parameter).flatMap((text) => {
    const [name, actions] = split(text)
    const scope = requested.find(({path}) => name === `repository:${path}`)
    if (scope === undefined) return []
    const known: readonly string[] = [...scope.access, ...(scope.access.includes('delete') ? ['*'] : [])]
    const allowed = actions.filter((action) => action === 'pull' || known.includes(action))
    return allowed.length === 0 ? [] : [`${name}:${allowed.join(',')}`]
  })
}

/** Reports whether granted scopes cover all requested scopes; both as texts. */
export function covers(granted: readonly string[], requested: readonly string[]): boolean {
  return requested.every((want) => granted.some((have) => coversOne(have, want)))
}

function coversOne(have: string, want: string): boolean {
  if (have === want) return true
  const [haveName, haveActions] = split(have)
  const [wantName, wantActions] = split(want)
  return haveName === wantName && wantActions.every((action) => haveActions.includes(action))
}

function split(text: string): readonly [string, readonly string[]] {
  const colon = text.lastIndexOf(':')
  return [text.slice(0, colon), text.slice(colon + 1).split(',')]
}
