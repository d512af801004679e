import type {Hide} from '../errors/known-secrets.ts'
import {field, parseJson} from '../oci/manifest.ts'
import {redactText} from './redact.ts'

/** Error of a registry: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
export interface RegistryErrorEntry {
  /** Code in upper case, for comparisons: `MANIFEST_UNKNOWN`. */
  readonly code: string
  /** Code as the server writes it: `AccessDeniedException`. */
  readonly written: string
  readonly message: string
}

const maxEntries = 5
/** Number of entries that are parsed. */
const maxRead = 100

/**
 * Parses the body of an error response: in the format of the specification, of Amazon (`{"message": …}`), Google
 * (`{"error": {"status": …, "message": …}}`) and token servers (`{"details": …}`, `{"error": …, "error_description": …}`),
 * or a short plain text. Empty for other bodies. A server may repeat request data, so secrets are hidden first.
 */
export function parseErrorBody(body: Uint8Array, hide: Hide): readonly RegistryErrorEntry[] {
  const value = parseJson(body)
  if (value === undefined) return plainText(body, hide)
  const [errors, error] = [field(value, 'errors'), field(value, 'error')]
  const one = typeof error === 'object' ? error : value
  const values: readonly unknown[] = Array.isArray(errors) ? errors.slice(0, maxRead) : [one]
  return values.flatMap((entryValue) => entry(entryValue, hide)).slice(0, maxEntries)
}

function entry(value: unknown, hide: Hide): readonly RegistryErrorEntry[] {
  const [written, message, detail] = [
    text(value, ['code', 'error', '__type', 'status'], hide),
    text(value, ['message', 'Message', 'error_description', 'details'], hide),
    text(value, ['detail'], hide),
  ]
  if (written === '' && message === '' && detail === '') return []
  // GitLab and Nexus write the reason into the detail.
  const parts = [message, detail === message ? '' : detail].filter((part) => part !== '')
  return [{code: written.toUpperCase(), written, message: parts.join(': ')}]
}

function text(value: unknown, names: readonly string[], hide: Hide): string {
  const found = names.map((name) => field(value, name)).find((one) => typeof one === 'string' && one !== '')
  return typeof found === 'string' ? redactText(found, hide) : ''
}

const maxTextBytes = 200

/** One printable line, such as `reqPackageAccess` of Gitea. A longer text is a page, or the answer of a proxy. */
function plainText(body: Uint8Array, hide: Hide): readonly RegistryErrorEntry[] {
  if (body.byteLength > maxTextBytes) return []
  const line = Buffer.from(body).toString('latin1').trim()
  return /^[\x20-\x7e]+$/.test(line) && !line.startsWith('<')
    ? [{code: '', written: '', message: redactText(line, hide)}]
    : []
}

const maxErrorBytes = 64 * 1024

/** Reads the first bytes of the body of an error response. */
export async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(Buffer.from(chunk))
    size += chunk.byteLength
    if (size >= maxErrorBytes) break
  }
  return Buffer.concat(chunks).subarray(0, maxErrorBytes)
}
