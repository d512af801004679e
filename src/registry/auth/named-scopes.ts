import {splitScope, type Scope} from './scope.ts'

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
    const [name, actions] = splitScope(text)
    const scope = requested.find(({path}) => name === `repository:${path}`)
    if (scope === undefined) return []
    const known: readonly string[] = [...scope.access, ...(scope.access.includes('delete') ? ['*'] : [])]
    const allowed = actions.filter((action) => action === 'pull' || known.includes(action))
    return allowed.length === 0 ? [] : [`${name}:${allowed.join(',')}`]
  })
}
