/** Block of a PEM file (RFC 7468). */
export interface PemBlock {
  /** Text between `BEGIN` and the dashes: `ENCRYPTED PRIVATE KEY`. */
  readonly label: string
  /** Decoded content. Empty if it is not base64. */
  readonly content: Uint8Array
  /** The block with line feeds, as OpenSSL reads it. */
  readonly text: string
}

/**
 * Finds the blocks of a PEM file. Line ends that were lost on the way through a secret are restored: spaces, carriage
 * returns and the two characters `\n` instead of a line feed.
 */
export function pemBlocks(text: string): readonly PemBlock[] {
  const lines = text.replaceAll('\\r', '').replaceAll('\\n', '\n')
  const pattern = /-----BEGIN ([A-Z0-9 ]{1,64})-----([^]*?)-----END \1-----/g
  return [...lines.matchAll(pattern)].map(([, label = '', body = '']) => {
    const {headers, data} = splitHeaders(body)
    const content = isBase64(data) ? Buffer.from(data, 'base64') : new Uint8Array()
    const wrapped = data.match(/.{1,64}/g) ?? []
    return {
      label,
      content,
      text: [`-----BEGIN ${label}-----`, ...headers, ...wrapped, `-----END ${label}-----`, ''].join('\n'),
    }
  })
}

/** Headers of an encrypted key in the old format of OpenSSL, and the base64 after them without blanks. */
function splitHeaders(body: string): {readonly headers: readonly string[]; readonly data: string} {
  const [, headers, data = body] = /^\s*((?:[A-Za-z-]+: [^\n]*\n)+)\s*\n([^]*)$/.exec(body.replaceAll('\r', '')) ?? []
  const lines = headers === undefined ? [] : [...headers.trim().split('\n'), '']
  return {headers: lines, data: data.replace(/\s/g, '')}
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text)
}
