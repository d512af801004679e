import {field, parseDescriptor, parseJson} from './manifest.ts'

/**
 * Lists the entries of an index that are neither the image of a platform nor an attestation (platform `unknown/unknown`),
 * each with the reason. A runtime can pull them: containerd takes an entry without a platform for every platform. Empty
 * for a manifest.
 */
export function unclearEntries(bytes: Uint8Array): readonly string[] {
  const entries = field(parseJson(bytes), 'manifests')
  if (!Array.isArray(entries)) return []
  return entries.flatMap((entry: unknown, index) => {
    const reason = reasonOf(entry)
    return reason === undefined ? [] : [`entry ${index + 1} of the index ${reason}`]
  })
}

function reasonOf(entry: unknown): string | undefined {
  const descriptor = parseDescriptor(entry)
  if (descriptor === undefined) return 'is not a valid SHA-256 descriptor'
  const {digest, platform, mediaType} = descriptor
  if (platform === undefined) return `has no platform: ${digest}`
  if (platform.os === 'unknown') return undefined
  return indexTypes.test(mediaType) ? `is another index: ${digest}` : undefined
}

const indexTypes = /\.image\.index\.|\.manifest\.list\./
