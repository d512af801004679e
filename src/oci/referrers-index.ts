import {field, manifestMediaTypes, parseJson, type ManifestContent} from './manifest.ts'

/**
 * Adds referrers to an index of referrers. Existing entries are preserved. `current` is undefined if there is no index
 * yet. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
 */
export function addReferrers(current: Uint8Array | undefined, referrers: readonly ManifestContent[]): string {
  const added = unlisted(current, referrers).map(descriptorOf)
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestMediaTypes[0],
    manifests: [...entriesOf(current), ...added],
  })
}

/** Referrers that the index does not list. */
export function unlisted(
  current: Uint8Array | undefined,
  referrers: readonly ManifestContent[],
): readonly ManifestContent[] {
  const digests = new Set(entriesOf(current).map((entry) => field(entry, 'digest')))
  return referrers.filter(({digest}) => !digests.has(digest))
}

function entriesOf(index: Uint8Array | undefined): readonly unknown[] {
  const entries = field(index === undefined ? undefined : parseJson(index), 'manifests')
  return Array.isArray(entries) ? entries : []
}

/** Descriptor of a referrer. The artifact type defaults to that of its configuration; annotations are copied. */
function descriptorOf({digest, mediaType, bytes}: ManifestContent): object {
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
