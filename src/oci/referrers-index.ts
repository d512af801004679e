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

/** Index of referrers, and the entries that were taken out of it. */
interface ShortenedIndex {
  readonly index: string
  readonly removed: readonly unknown[]
}

/** Removes the entries of these digests from an index of referrers. Undefined if it lists none of them. */
export function removeReferrers(current: Uint8Array, digests: ReadonlySet<string>): ShortenedIndex | undefined {
  const isRemoved = (entry: unknown): boolean => {
    const digest = field(entry, 'digest')
    return typeof digest === 'string' && digests.has(digest)
  }
  const entries = entriesOf(current)
  const removed = entries.filter(isRemoved)
  return removed.length === 0
    ? undefined
    : {
        index: withEntries(
          current,
          entries.filter((entry) => !isRemoved(entry)),
        ),
        removed,
      }
}

/** Adds entries to an index of referrers again, unless it lists them. */
export function restoreReferrers(current: Uint8Array, removed: readonly unknown[]): string | undefined {
  const entries = entriesOf(current)
  const listed = new Set(entries.map((entry) => field(entry, 'digest')))
  const missing = removed.filter((entry) => !listed.has(field(entry, 'digest')))
  return missing.length === 0 ? undefined : withEntries(current, [...entries, ...missing])
}

function withEntries(index: Uint8Array, manifests: readonly unknown[]): string {
  const document = parseJson(index)
  return JSON.stringify({...(typeof document === 'object' ? document : {}), manifests})
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
