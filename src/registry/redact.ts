/** Query keys of the distribution and token specifications that say what was asked; every other may be a signature. */
const plainKeys = new Set(['mount', 'from', 'digest', 'n', 'last', 'service', 'scope', 'artifactType'])

/** An address for messages: no user name, no fragment, and the values of unknown query keys as `***`. */
export function redactUrl(url: URL): string {
  const query = [...url.searchParams].map(([key, value]) => (plainKeys.has(key) ? `${key}=${value}` : `${key}=***`))
  return `${url.protocol}//${url.host}${url.pathname}${query.length === 0 ? '' : `?${query.join('&')}`}`
}

const maxLength = 300

/** A text of a server's, made fit for one line of a message: addresses in it redacted, whole or not, control characters gone. */
export function redactText(text: string): string {
  const plain = text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  const redacted = plain
    .replace(/:\/\/[^\s"<>/?#]*@/g, '://')
    .replace(/([?&])([^=&\s"<>]+)=[^&\s"<>]*/g, (pair, separator: string, key: string) =>
      plainKeys.has(key) ? pair : `${separator}${key}=***`,
    )
  return redacted.length > maxLength ? `${redacted.slice(0, maxLength)}…` : redacted
}
