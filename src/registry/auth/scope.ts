/** What may be done in a repository: https://distribution.github.io/distribution/spec/auth/scope/ */
export type Access = 'pull' | 'push' | 'delete'

export interface Scope {
  /** Path of the repository: `owner/app`. */
  readonly path: string
  readonly access: readonly Access[]
}

export const reading = (path: string): Scope => ({path, access: ['pull']})
export const writing = (path: string): Scope => ({path, access: ['pull', 'push']})
export const deleting = (path: string): Scope => ({path, access: ['pull', 'push', 'delete']})

/** `repository:owner/app:pull,push` */
export function formatScope({path, access}: Scope): string {
  return `repository:${path}:${access.join(',')}`
}

/** The texts of a `scope` parameter, which are separated by spaces. */
export function scopeTexts(parameter: string | undefined): readonly string[] {
  return (parameter ?? '').split(' ').filter((text) => text !== '')
}

/**
 * What of a challenge's `scope` may be asked for: rights in the repositories of the call, to do what the call does. A registry
 * that could name others would get at them with the login of this user, where it shares its token server. `*` is how some
 * registries write the right to delete.
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

/** Whether whoever has the scopes `given` may do all that `wanted` names; both as texts. */
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
