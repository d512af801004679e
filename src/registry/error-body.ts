import {field, parseJson} from '../oci/manifest.ts'
import {redactText} from './redact.ts'

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
export interface RegistryErrorEntry {
  /** `MANIFEST_UNKNOWN`; upper-cased. */
  readonly code: string
  readonly message: string
}

const maxEntries = 5

/**
 * What an error's body says, in the form of the specification, or as Amazon and some token servers write it
 * (`{"message": …}`, `{"details": …}`, `{"error": …, "error_description": …}`). None when it is something else.
 */
export function parseErrorBody(body: Uint8Array): readonly RegistryErrorEntry[] {
  const value = parseJson(body)
  const errors = field(value, 'errors')
  const entries = Array.isArray(errors) ? errors.flatMap(entry) : entry(value)
  return entries.slice(0, maxEntries)
}

function entry(value: unknown): readonly RegistryErrorEntry[] {
  const code = text(value, ['code', 'error', '__type'])
  const message = text(value, ['message', 'error_description', 'details'])
  return code === '' && message === '' ? [] : [{code: code.toUpperCase(), message}]
}

function text(value: unknown, names: readonly string[]): string {
  const found = names.map((name) => field(value, name)).find((one) => typeof one === 'string' && one !== '')
  return typeof found === 'string' ? redactText(found) : ''
}
