import {isCommit} from './payload.ts'

/** Build context in a Git repository. */
export interface GitUrl {
  /** URL without fragment and query. */
  readonly url: string
  /** Branch, tag, ref or commit. Undefined for the default branch. */
  readonly revision: string | undefined
}

/**
 * Parses a build context that BuildKit reads from Git (https://docs.docker.com/build/concepts/context/#url-fragments).
 * Undefined for any other context, such as the URL of an archive.
 */
export function parseGitUrl(context: string): GitUrl | undefined {
  const [, address = '', query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(context) ?? []
  const isShort = /^github\.com\//i.test(address)
  const isGit = isShort || /^(?:git|ssh):\/\//i.test(address) || /^[^/@]+@[^/:]+:/.test(address) || isWebGit(address)
  if (!isGit) return undefined
  const url = isShort ? `https://${address}` : address
  const parameters = new URLSearchParams(query ?? '')
  const values = ['commit', 'checksum', 'ref', 'tag', 'branch'].map((name) => parameters.get(name) ?? '')
  const revision = values.find((text) => text !== '') ?? (fragment ?? '').split(':', 1)[0] ?? ''
  return {url, revision: revision === '' ? undefined : revision}
}

/** Reports whether BuildKit reads an HTTP URL as a Git repository: it ends in `.git`. */
function isWebGit(url: string): boolean {
  return /^https?:\/\/.+\.git$/i.test(url)
}

/** Commit of a revision that is a full commit id. */
export function revisionCommit({revision}: GitUrl): string | undefined {
  return revision !== undefined && isCommit(revision) ? revision : undefined
}

/**
 * Reports whether a build context is in the repository of a URL, at any commit and in any directory, and is read by HTTP
 * or HTTPS without a login in its URL.
 */
export function isContextOf(context: string, repositoryUrl: string): boolean {
  const place = webPlace(parseGitUrl(context)?.url)
  return place !== undefined && place === webPlace(parseGitUrl(repositoryUrl)?.url)
}

/** Scheme, host and path of a web URL in lower case, as GitHub compares them; undefined for another URL or one with a login. */
function webPlace(url: string | undefined): string | undefined {
  const [, place = ''] = /^(https?:\/\/[^@]+?)\/*$/i.exec(url ?? '') ?? []
  return place === '' ? undefined : place.toLowerCase().replace(/\.git$/, '')
}
