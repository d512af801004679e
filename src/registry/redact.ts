import type {Hide} from '../errors/known-secrets.ts'

/** Query keys of the distribution and token specifications that say what was asked; every other may be a signature. */
const plainKeys = new Set(['mount', 'from', 'digest', 'n', 'last', 'service', 'scope', 'artifactType'])

/** An address for messages: no secret, no user name, no fragment, and the values of unknown query keys as `***`. */
export function redactUrl(url: URL, hide: Hide): string {
  // A secret that holds `&` or `=` would be taken apart below.
  if (hide(url.href) !== url.href) return redactText(url.href, hide)
  const query = [...url.searchParams].map(([key, value]) => (plainKeys.has(key) ? `${key}=${value}` : `${key}=***`))
  return hide(`${url.protocol}//${url.host}${url.pathname}${query.length === 0 ? '' : `?${query.join('&')}`}`)
}

/** Much more than is shown: what is read of a text by the expressions below. */
const maxRead = 4096
const maxLength = 300

/**
 * A text of a server's, made fit for one line of a message: secrets hidden, addresses in it redacted, whole or not, control
 * characters gone. Secrets come first, since they are found as they are and not in parts. Each expression reads a text once.
 */
export function redactText(text: string, hide: Hide): string {
  const hidden = hide(text)
  const isCut = hidden.length > maxRead
  const plain = hidden
    .slice(0, maxRead)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  const redacted = plain
    // The `@` of an address may be in what was cut off.
    .replace(isCut ? /:\/\/[^\s"<>/?#]*(?:@|$)/g : /:\/\/[^\s"<>/?#]*@/g, '://')
    .replace(/([?&])([^=&?\s"<>]+)=[^&\s"<>]*/g, (pair, separator: string, key: string) =>
      plainKeys.has(key) ? pair : `${separator}${key}=***`,
    )
  return redacted.length > maxLength ? `${redacted.slice(0, maxLength)}…` : redacted
}
