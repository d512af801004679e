/**
 * Names of the OCI distribution spec:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests (repository name and tag
 * grammar) and of Docker's reference grammar for the host part: https://pkg.go.dev/github.com/distribution/reference
 */

/** Repository `host/path`, such as `ghcr.io/owner/app`. */
export interface Repository {
  /** Host and optional port in lower case: `ghcr.io`, `localhost:5000`, `docker.io`. */
  readonly host: string
  /** Path in the registry, as in its API: `library/alpine`, `owner/app`. */
  readonly path: string
  /**
   * Text before the name, if the user wrote an image of Docker Hub in a longer form: `docker.io/`, `index.docker.io/` or
   * `docker.io/library/`.
   */
  readonly writtenPrefix?: string
}

/** Image reference with a tag. */
export interface TagRef {
  readonly repository: Repository
  readonly tag: string
}

/** Parsed value, or the reason and the 1-based column of an error. */
export type Parsed<T> =
  {readonly ok: true; readonly value: T} | {readonly ok: false; readonly column: number; readonly reason: string}

/** Names and hosts of Docker Hub. */
export const dockerHub = {
  name: 'docker.io',
  aliases: ['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'],
  /** Host of the registry API, which is not `docker.io`. */
  apiHost: 'registry-1.docker.io',
  /** Key of the login in the configuration of the Docker CLI. */
  credentialKey: 'https://index.docker.io/v1/',
} as const

/** Maximum length of a tag. */
export const maxTagLength = 128
const maxRepositoryLength = 255
const maxPort = 65_535
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const pathComponent = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/
const hostPattern =
  /^(?:(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])(?:\.(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))*|\[[0-9a-f:]+\])(?::[0-9]{1,5})?$/

/** Reports whether a text is a valid tag. */
export function isTag(text: string): boolean {
  return tagPattern.test(text)
}

/**
 * Parses `ghcr.io/owner/app`, `owner/app` or `app` (Docker Hub). Upper case is converted to lower case, since
 * registries refuse it. A URL scheme, a tag or a digest is an error.
 */
export function parseRepository(text: string): Parsed<Repository> {
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(text)
  if (scheme !== null) return fail(1, `an image name has no scheme; remove "${scheme[0]}"`)
  if (text.includes('@')) return fail(text.indexOf('@') + 1, 'an image name has no digest here')
  const lowered = lowerAscii(text)
  if (isLoneRegistry(lowered)) return fail(1, `"${text}" is a registry without a repository`)
  const {host, path, pathStart} = splitHost(lowered)
  if (!isHost(host)) return fail(1, `"${host}" is not a registry host`)
  const colon = path.indexOf(':')
  if (colon !== -1) return fail(pathStart + colon + 1, 'an image name has no tag here')
  const parsed = checkPath(host, path, pathStart)
  return parsed.ok ? {ok: true, value: withWrittenPrefix(parsed.value, lowered)} : parsed
}

function withWrittenPrefix(repository: Repository, written: string): Repository {
  if (repository.host !== dockerHub.name || formatRepository(repository) === written) return repository
  const name = nameOf(repository)
  return {...repository, writtenPrefix: written.slice(0, written.length - name.length)}
}

/** Path without the namespace of the official images. */
function nameOf({path}: Repository): string {
  const [first, name, ...rest] = path.split('/')
  return first === officialNamespace && name !== undefined && rest.length === 0 ? name : path
}

/** Parses an image reference `host/path:tag`. The tag is not changed. */
export function parseTagRef(text: string): Parsed<TagRef> {
  const colon = text.lastIndexOf(':')
  if (colon <= text.lastIndexOf('/')) return fail(text.length + 1, 'a whole reference needs a tag: name:tag')
  const repository = parseRepository(text.slice(0, colon))
  if (!repository.ok) return repository
  const tag = text.slice(colon + 1)
  const column = badTagColumn(tag)
  if (column !== undefined) return fail(colon + 1 + column, tagReason(tag, column))
  return {ok: true, value: {repository: repository.value, tag}}
}

/** Checks a tag. It is not changed. */
export function parseTag(text: string): Parsed<string> {
  const column = badTagColumn(text)
  return column === undefined ? {ok: true, value: text} : fail(column, tagReason(text, column))
}

/**
 * Formats a repository in the familiar form of Docker: without the host of Docker Hub and `library/`, unless the rest
 * would be parsed as another repository.
 */
export function formatRepository({host, path}: Repository): string {
  if (host !== dockerHub.name) return `${host}/${path}`
  const [first = '', ...rest] = path.split('/')
  if (first === officialNamespace && rest.length === 1) {
    const name = rest.join('/')
    return isLoneRegistry(name) ? path : name
  }
  return rest.length === 0 || looksLikeHost(first) ? `${host}/${path}` : path
}

/** Reports whether two names are of the same repository. */
export function isSameRepository(one: Repository, other: Repository): boolean {
  return formatRepository(one) === formatRepository(other)
}

/**
 * Formats a repository as the user wrote it, in lower case: `docker.io/acme/app`. Only for outputs: the familiar form
 * identifies a repository.
 */
export function writtenRepository(repository: Repository): string {
  const {writtenPrefix} = repository
  return writtenPrefix === undefined ? formatRepository(repository) : `${writtenPrefix}${nameOf(repository)}`
}

/** Formats an image reference as the user wrote its repository. */
export function writtenTagRef({repository, tag}: TagRef): string {
  return `${writtenRepository(repository)}:${tag}`
}

/** Formats an image reference in the familiar form. */
export function formatTagRef({repository, tag}: TagRef): string {
  return `${formatRepository(repository)}:${tag}`
}

/**
 * Normalises the host of a registry: removes a scheme and a path, and resolves aliases of Docker Hub. Empty text is
 * Docker Hub. The result may be invalid: check it with `isHost`.
 */
export function normaliseHost(text: string): string {
  const trimmed = lowerAscii(text.trim())
  const host = trimmed.replace(/^https?:\/\//, '').replace(/\/.*$/s, '')
  return trimmed === '' || isDockerHubAlias(host) ? dockerHub.name : host
}

/** Reports whether a text is a host with an optional port. */
export function isHost(text: string): boolean {
  const port = /:(\d+)$/.exec(text)?.[1] ?? '0'
  return hostPattern.test(text) && Number(port) <= maxPort
}

/**
 * Reports whether a text is a registry without a repository, such as `ghcr.io` or `localhost:5000`. Docker would read
 * the former as an official image and the latter as an image with a tag. `app:1.0` is an image with a tag.
 */
function isLoneRegistry(text: string): boolean {
  const [name = '', port] = text.split(':')
  const isName = port === undefined ? name.includes('.') : name.includes('.') || name === 'localhost'
  return isName && isHost(text)
}

function splitHost(text: string): {host: string; path: string; pathStart: number} {
  const slash = text.indexOf('/')
  const first = slash === -1 ? '' : text.slice(0, slash)
  if (!looksLikeHost(first)) return {host: dockerHub.name, path: text, pathStart: 0}
  const host = isDockerHubAlias(first) ? dockerHub.name : first
  return {host, path: text.slice(slash + 1), pathStart: slash + 1}
}

/** Reports whether Docker reads the first part of a reference as a host. */
function looksLikeHost(first: string): boolean {
  return first.includes('.') || first.includes(':') || first === 'localhost'
}

/** Namespace of the official images of Docker Hub. */
const officialNamespace = 'library'

function officialPath(host: string, path: string): string {
  return host === dockerHub.name && !path.includes('/') ? `${officialNamespace}/${path}` : path
}

/** Converts ASCII letters to lower case. Others are kept and refused later: some have a lower case in ASCII. */
function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (upper) => upper.toLowerCase())
}

function isDockerHubAlias(host: string): boolean {
  return dockerHub.aliases.some((alias) => alias === host)
}

function checkPath(host: string, path: string, pathStart: number): Parsed<Repository> {
  if (path === '') return fail(pathStart + 1, 'the repository is missing; an expression was probably empty')
  if (host.length + 1 + path.length > maxRepositoryLength)
    return fail(1, `an image name has at most ${maxRepositoryLength} characters`)
  let start = pathStart
  for (const component of path.split('/')) {
    if (component === '')
      return fail(start + 1, `${emptyPart(path, start - pathStart)}; an expression was probably empty`)
    if (!pathComponent.test(component)) return fail(start + 1, `"${component}" cannot be part of an image name`)
    start += component.length + 1
  }
  return {ok: true, value: {host, path: officialPath(host, path)}}
}

function emptyPart(path: string, start: number): string {
  if (start === 0) return 'there is nothing before the first slash'
  return start === path.length ? 'there is nothing after the last slash' : 'there is nothing between two slashes'
}

/** 1-based column of the first invalid character of a tag. Undefined for a valid tag. */
function badTagColumn(tag: string): number | undefined {
  if (isTag(tag)) return undefined
  if (tag === '') return 1
  const bad = /^[^A-Za-z0-9_]|[^A-Za-z0-9._-]/.exec(tag)
  return bad === null ? maxTagLength + 1 : bad.index + 1
}

function tagReason(tag: string, column: number): string {
  if (tag === '') return 'a tag cannot be empty'
  if (column > maxTagLength) return `a tag has at most ${maxTagLength} characters, this one has ${tag.length}`
  const character = JSON.stringify(String.fromCodePoint(tag.codePointAt(column - 1) ?? 0))
  return column === 1 ? `a tag cannot begin with ${character}` : `a tag cannot contain ${character}`
}

function fail(column: number, reason: string): {readonly ok: false; readonly column: number; readonly reason: string} {
  return {ok: false, column, reason}
}
