import type {RegistryResponse} from './registry-request.ts'

/** Limit above the size of any repository: Quay lists 50 tags per page. */
const maxPages = 1000
/** Limit for all pages. Google's registries list all manifests beside the tags, on one page. */
const maxListBytes = 64 * 1024 * 1024

/** URL of the next page, the end of the list, or the reason why the list cannot be continued. */
type Next = {readonly page: URL} | 'end' | {readonly reason: string}

/** Limits of a list of several pages: their number, their length, and no page twice. */
export class Pages {
  readonly #seen = new Set<string>()
  #bytesLeft = maxListBytes

  /** Maximum length of the next page. */
  get bytesLeft(): number {
    return this.#bytesLeft
  }

  /** Records a page, and returns the next one. */
  after({url, headers, body}: Pick<RegistryResponse, 'url' | 'headers' | 'body'>): Next {
    this.#seen.add(url.href)
    this.#bytesLeft -= body.byteLength
    const next = nextPage(headers['link'], url)
    if (next === undefined) return 'end'
    if (next === 'invalid') return {reason: 'has an invalid link to the next page'}
    if (this.#seen.has(next.href)) return {reason: 'links to an earlier page as the next one'}
    if (this.#seen.size === maxPages) return {reason: `is page ${maxPages}, but not the last`}
    if (this.#bytesLeft <= 0) return {reason: 'is not the last page, and the list is too long'}
    return {page: next}
  }
}

/**
 * URL of the next page in a `Link` header (RFC 8288). Undefined on the last page; `invalid` if the link is not usable.
 * It may be relative or absolute (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags),
 * and a registry behind a proxy may not know its scheme and host: only path and query are used, on the same server.
 */
export function nextPage(link: string | undefined, current: URL): URL | 'invalid' | undefined {
  const target = linkTargets(link ?? '').find(({relations}) => relations.includes('next'))?.target
  if (target === undefined) return undefined
  if (!URL.canParse(target, current.href)) return 'invalid'
  const {protocol, pathname, search} = new URL(target, current)
  if (protocol !== 'https:' && protocol !== 'http:') return 'invalid'
  const url = new URL(`${current.origin}${pathname}${search}`)
  return url.href === current.href ? 'invalid' : url
}

interface Link {
  readonly target: string
  readonly relations: readonly string[]
}

const linkPattern = /<([^<>]*)>((?:\s*;\s*[^\s=;,<>"]+\s*(?:=\s*(?:"[^"]*"|[^\s;,"<>]*))?)*)/g
const relationPattern = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]*))/i

function linkTargets(header: string): readonly Link[] {
  return [...header.matchAll(linkPattern)].map(([, target = '', parameters = '']) => {
    const [, quoted, bare] = relationPattern.exec(parameters) ?? []
    return {target, relations: (quoted ?? bare ?? '').toLowerCase().split(/\s+/)}
  })
}
