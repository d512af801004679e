import type {Hide} from '../errors/known-secrets.ts'
import {field, parseJson} from '../oci/manifest.ts'
import {redactText} from './redact.ts'

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
export interface RegistryErrorEntry {
  /** `MANIFEST_UNKNOWN`; upper-cased. */
  readonly code: string
  readonly message: string
}

const maxEntries = 5
/** Of more than this, nothing is read. */
const maxRead = 100

/**
 * What an error's body says, in the form of the specification, or as Amazon and some token servers write it
 * (`{"message": …}`, `{"details": …}`, `{"error": …, "error_description": …}`). None when it is something else.
 * A server may repeat what it was sent: secrets are hidden before anything else is done with a text.
 */
export function parseErrorBody(body: Uint8Array, hide: Hide): readonly RegistryErrorEntry[] {
  const value = parseJson(body)
  const errors = field(value, 'errors')
  const values: readonly unknown[] = Array.isArray(errors) ? errors.slice(0, maxRead) : [value]
  return values.flatMap((one) => entry(one, hide)).slice(0, maxEntries)
}

function entry(value: unknown, hide: Hide): readonly RegistryErrorEntry[] {
  const [code, message] = [
    text(value, ['code', 'error', '__type'], hide),
    text(value, ['message', 'error_description', 'details'], hide),
  ]
  return code === '' && message === '' ? [] : [{code: code.toUpperCase(), message}]
}

function text(value: unknown, names: readonly string[], hide: Hide): string {
  const found = names.map((name) => field(value, name)).find((one) => typeof one === 'string' && one !== '')
  return typeof found === 'string' ? redactText(found, hide) : ''
}

const maxErrorBytes = 64 * 1024

/** As much of an error's body as is worth reading. */
export async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size >= maxErrorBytes) break
  }
  return Buffer.concat(chunks).subarray(0, maxErrorBytes)
}
