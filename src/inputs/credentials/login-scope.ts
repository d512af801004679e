/** Part of a registry that a login is for, as `scope` of docker/login-action writes it. */
export interface LoginScope {
  /** Path of a repository, or the beginning of its path. Empty for all repositories. */
  readonly path: string
  /** Only repositories that this run pushes to (`push`), or those that it only reads (`pull`). Empty for both. */
  readonly actions: readonly ('pull' | 'push')[]
}

const scopePath = /^(?:[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/|$))*$/

/** Parses `project`, `project/repository`, `project/repository@push` or `@push,pull`. Undefined for other texts. */
export function parseLoginScope(text: string): LoginScope | undefined {
  const [written = '', list, ...others] = text.split('@')
  const path = written.replace(/\/?\*?$/, '')
  const names = list === undefined ? [] : list.split(',').map((name) => name.trim())
  const actions = names.filter((name) => name === 'pull' || name === 'push')
  const isValid = others.length === 0 && actions.length === names.length && scopePath.test(path)
  return isValid && (path !== '' || actions.length > 0) ? {path, actions} : undefined
}

/** Scope as text: `project/repository@push`. */
export function formatLoginScope({path, actions}: LoginScope): string {
  return actions.length === 0 ? path : `${path}@${actions.join(',')}`
}
