import {isCommit} from './payload.ts'

/** A Git repository as a build context. */
export interface GitUrl {
  /** Without fragment and query. */
  readonly url: string
  /** Branch, tag, ref or commit; undefined for the default branch. */
  readonly revision: string | undefined
}

/**
 * What BuildKit reads from Git (https://docs.docker.com/build/concepts/context/#url-fragments); undefined for anything else, such
 * as an archive that is downloaded.
 */
export function parseGitUrl(context: string): GitUrl | undefined {
  const [, address = '', query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(context) ?? []
  const isShort = /^github\.com\//i.test(address)
  const isGit = isShort || /^(?:git|ssh):\/\//i.test(address) || /^[^/@]+@[^/:]+:/.test(address) || isWebGit(address)
  if (!isGit) return undefined
  const url = isShort ? `https://${address}` : address
  const parameters = new URLSearchParams(query ?? '')
  const asked = ['commit', 'checksum', 'ref', 'tag', 'branch'].map((name) => parameters.get(name) ?? '')
  const revision = asked.find((text) => text !== '') ?? (fragment ?? '').split(':', 1)[0] ?? ''
  return {url, revision: revision === '' ? undefined : revision}
}

/** BuildKit takes a page of the web for Git only where its address ends in `.git`. */
function isWebGit(url: string): boolean {
  return /^https?:\/\/.+\.git$/i.test(url)
}

/** The commit that a revision is by itself. */
export function revisionCommit({revision}: GitUrl): string | undefined {
  return revision !== undefined && isCommit(revision) ? revision : undefined
}
