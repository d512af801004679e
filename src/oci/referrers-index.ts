import type {Digest} from './digest.ts'
import {field, manifestMediaTypes, parseJson} from './manifest.ts'

/** A manifest with a `subject`, as its registry holds it. */
export interface Referrer {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/**
 * The text of an index of referrers with some more in it; what it lists already stays as it is. `current` undefined:
 * there is none yet. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
 */
export function addReferrers(current: Uint8Array | undefined, referrers: readonly Referrer[]): string {
  const entries = field(current === undefined ? undefined : parseJson(current), 'manifests')
  const listed: readonly unknown[] = Array.isArray(entries) ? entries : []
  const digests = new Set(listed.map((entry) => field(entry, 'digest')))
  const added = referrers.filter(({digest}) => !digests.has(digest)).map(descriptorOf)
  return JSON.stringify({schemaVersion: 2, mediaType: manifestMediaTypes[0], manifests: [...listed, ...added]})
}

/** Its type is its own, or that of its configuration; its annotations are repeated. */
function descriptorOf({digest, mediaType, bytes}: Referrer): object {
  const manifest = parseJson(bytes)
  const artifactType = field(manifest, 'artifactType') ?? field(field(manifest, 'config'), 'mediaType')
  const annotations = field(manifest, 'annotations')
  return {
    mediaType,
    digest,
    size: bytes.byteLength,
    ...(artifactType === undefined ? {} : {artifactType}),
    ...(annotations === undefined ? {} : {annotations}),
  }
}
