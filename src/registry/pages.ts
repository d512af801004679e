import {nextPage} from './pagination.ts'
import type {RegistryResponse} from './host-client.ts'

/** More than any repository has: Quay gives 50 tags on a page. */
const maxPages = 1000
/** All pages together. Google's registries list every manifest along with the tags, on one page. */
const maxListBytes = 64 * 1024 * 1024

/** What follows a page: its address; nothing, after the last one; or the reason why the rest cannot be read. */
export type Next = {readonly page: URL} | 'end' | {readonly reason: string}

/** Bounds a list of several pages: the number of its pages, its length, and that no page is asked for twice. */
export class Pages {
  readonly #seen = new Set<string>()
  #bytesLeft = maxListBytes

  /** The most that the next page may have. */
  get bytesLeft(): number {
    return this.#bytesLeft
  }

  /** Takes note of a page that has been read. */
  after({url, headers, body}: Pick<RegistryResponse, 'url' | 'headers' | 'body'>): Next {
    this.#seen.add(url.href)
    this.#bytesLeft -= body.byteLength
    const next = nextPage(headers['link'], url)
    if (next === undefined) return 'end'
    if (next === 'astray') return {reason: 'names a next page that cannot be asked for'}
    if (this.#seen.has(next.href)) return {reason: 'names a page as the next one that came before'}
    if (this.#seen.size === maxPages) return {reason: `is page ${maxPages}, and not the last`}
    if (this.#bytesLeft <= 0) return {reason: 'is not the last page of a list that is too long already'}
    return {page: next}
  }
}
