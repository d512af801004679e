import type {GitContext} from './git-context.ts'

/** Reports whether a URL is that of the repository of this run. A local path or an unknown URL counts as it. */
export function isOwnRepository(
  {repository, server}: GitContext,
  {origin}: {readonly origin: string | undefined},
): boolean {
  const found = origin === undefined ? undefined : addressOf(origin)
  const own = addressOf(server.url)
  if (found === undefined || own === undefined) return true
  const name = `${own.path}/${repository.owner}/${repository.name}`.replace(/^\//, '').toLowerCase()
  // The host for SSH may differ: ssh.github.com.
  const isHost = found.host === own.host || found.host.endsWith(`.${own.host}`)
  return isHost && found.path.toLowerCase() === name
}

interface Address {
  readonly host: string
  readonly path: string
}

/**
 * Parses `https://host/owner/name.git`, `ssh://git@host:22/owner/name` and `git@host:owner/name`. Undefined for a path.
 */
function addressOf(url: string): Address | undefined {
  const match =
    /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/:]+(?::\d+)?)(\/.*)?$/i.exec(url) ?? /^(?:[^/@]+@)([^/:]+):(.*)$/.exec(url)
  if (match === null) return undefined
  const [, host = '', rest = ''] = match
  const isSsh = !/^https?:/i.test(url)
  return {
    host: (isSsh ? host.replace(/:\d+$/, '') : host).toLowerCase(),
    path: rest.replace(/^\/+|(?<!\/)\/+$/g, '').replace(/\.git$/i, ''),
  }
}

/** Web address of a repository, for a label. Undefined for a local path. */
export function webAddress(origin: string | undefined): string | undefined {
  const address = origin === undefined ? undefined : addressOf(origin)
  if (origin === undefined || address === undefined) return undefined
  const scheme = /^http:/i.test(origin) ? 'http' : 'https'
  return `${scheme}://${address.host}/${address.path}`
}
