import type {Hide} from '../errors/known-secrets.ts'

/**
 * Query keys of the distribution and token specifications that are safe to show. The value of any other may be a
 * signature.
 */
const plainKeys = new Set(['mount', 'from', 'digest', 'n', 'last', 'service', 'scope', 'artifactType'])

/** URL for messages, without secrets, user names and fragment, and with `***` for the values of unknown query keys. */
export function redactUrl(url: URL, hide: Hide): string {
  // A secret with `&` or `=` would be split below.
  if (hide(url.href) !== url.href) return redactText(url.href, hide)
  const query = [...url.searchParams].map(([key, value]) => (plainKeys.has(key) ? `${key}=${value}` : `${key}=***`))
  return hide(`${url.protocol}//${url.host}${url.pathname}${query.length === 0 ? '' : `?${query.join('&')}`}`)
}

/** Length of the text that the expressions below process. It is much longer than the result. */
const maxRead = 4096
const maxLength = 300

/**
 * Text of a server for one line of a message: without secrets and control characters, and with redacted URLs, complete
 * or not. Secrets are hidden first, since they are found only as a whole. Each expression is linear.
 */
export function redactText(text: string, hide: Hide): string {
  const hidden = hide(text)
  const isCut = hidden.length > maxRead
  const plain = hidden
    .slice(0, maxRead)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  const redacted = plain
    // The `@` of a URL may be in the part that was cut off.
    .replace(isCut ? /:\/\/[^\s"<>/?#]*(?:@|$)/g : /:\/\/[^\s"<>/?#]*@/g, '://')
    .replace(/([?&])([^=&?\s"<>]+)=[^&\s"<>]*/g, (pair, separator: string, key: string) =>
      plainKeys.has(key) ? pair : `${separator}${key}=***`,
    )
  return redacted.length > maxLength ? `${redacted.slice(0, maxLength)}…` : redacted
}
