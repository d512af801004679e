import {covers} from './scope.ts'

/** Value of the `Authorization` header for some scopes, and the time of its renewal. */
export interface CachedToken {
  /** Header. Undefined for anonymous requests. */
  readonly header: string | undefined
  /** Time in ms since the epoch. */
  readonly renewAt: number
}

interface Entry {
  readonly scopes: readonly string[]
  readonly pending: Promise<CachedToken>
  /** Set when the request has ended. */
  token?: CachedToken
}

/** Cache of tokens by their scopes, as texts. Concurrent callers with the same scopes share a request. */
export class TokenCache {
  readonly #entries = new Map<string, Entry>()
  readonly #now: () => Date

  constructor(now: () => Date) {
    this.#now = now
  }

  /** Returns a valid token that covers the scopes, or else requests one. */
  async get(scopes: readonly string[], request: () => Promise<CachedToken>): Promise<CachedToken> {
    return this.#find(scopes) ?? this.#requestOnce(scopes, request)
  }

  /** Reports whether the header is one of a token. */
  has(header: string): boolean {
    return [...this.#entries.values()].some(({token}) => token?.header === header)
  }

  /** Removes the tokens with this header, which the registry refused. */
  remove(header: string | undefined): void {
    for (const [key, {token}] of this.#entries) {
      if (token !== undefined && token.header === header) this.#entries.delete(key)
    }
  }

  #find(scopes: readonly string[]): CachedToken | undefined {
    const now = this.#now().getTime()
    return [...this.#entries.values()].find(
      ({scopes: granted, token}) => token !== undefined && now < token.renewAt && covers(granted, scopes),
    )?.token
  }

  async #requestOnce(scopes: readonly string[], request: () => Promise<CachedToken>): Promise<CachedToken> {
    const key = [...scopes].sort().join(' ')
    const current = this.#entries.get(key)
    if (current !== undefined && current.token === undefined) return current.pending
    const entry: Entry = {scopes, pending: request()}
    this.#entries.set(key, entry)
    try {
      entry.token = await entry.pending
      return entry.token
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key)
      throw error
    }
  }
}
