import {algorithmOf} from '../oci/digest.ts'
import {statedFacts} from '../oci/image-facts.ts'
import {field, isDistributable, parseJson} from '../oci/manifest.ts'
import {formatPlatform, platformOf} from '../oci/platform.ts'
import type {StoredBlob, StoredManifest} from './stored-manifest.ts'
import {copiedFor} from './untag-copy.ts'

/** Manifest as a registry returns it. */
interface ReturnedManifest {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/**
 * Parses whatever a registry stores as a manifest: manifests and indexes of OCI and Docker, artifact manifests of OCI
 * (`blobs`), Docker schema 1 (`fsLayers`, without sizes), and unknown types, of which only known fields are read. Undefined
 * if the bytes are not a JSON object.
 */
export function parseStoredManifest({digest, mediaType, bytes}: ReturnedManifest): StoredManifest | undefined {
  const value = parseJson(bytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const {children, blobs} = splitEntries(entriesOf(field(value, 'manifests')))
  const config = entryOf(field(value, 'config')) ?? blobs.find(({mediaType: type}) => type === cacheConfig)
  const copied = copiedFor({bytes, mediaType}, value)
  const layers = ['layers', 'blobs'].flatMap((name) => entriesOf(field(value, name)))
  return {
    digest,
    mediaType,
    sizeBytes: bytes.byteLength,
    artifactType: textIn(value, 'artifactType') ?? config?.mediaType,
    children: [...new Set(children.map((entry) => entry.digest))],
    platforms: platformsOf(children),
    subject: digestIn(field(value, 'subject'), 'digest'),
    ...(config !== undefined && {configuration: {...blobOf(config), mediaType: config.mediaType}}),
    blobs: [
      ...new Set([...(config === undefined ? [] : [config]), ...blobs, ...layers].filter(isDistributable)),
      ...schema1Blobs(value),
    ].map(blobOf),
    facts: statedFacts(value),
    ...(copied !== undefined && {copiedFor: copied}),
  }
}

function blobOf({digest, sizeBytes}: StoredBlob): StoredBlob {
  return {digest, sizeBytes}
}

/** Descriptor of any algorithm. */
interface Entry extends StoredBlob {
  readonly mediaType: string
  readonly platform: string | undefined
}

function entriesOf(values: unknown): readonly Entry[] {
  return Array.isArray(values) ? values.flatMap((value: unknown) => entryOf(value) ?? []) : []
}

/** Parses a descriptor. Undefined if it has no digest. */
function entryOf(value: unknown): Entry | undefined {
  const digest = digestIn(value, 'digest')
  if (digest === undefined) return undefined
  const size = field(value, 'size')
  const platform = platformOf(field(value, 'platform'))
  return {
    digest,
    mediaType: textIn(value, 'mediaType') ?? '',
    sizeBytes: typeof size === 'number' && size >= 0 ? size : 0,
    platform: platform && formatPlatform(platform),
  }
}

/** Media type of the configuration of a build cache, which BuildKit may list in an index, together with the layers. */
const cacheConfig = 'application/vnd.buildkit.cacheconfig.v0'

/**
 * Separates the manifests of an index from blobs. The index of a build cache without `image-manifest=true` lists blobs
 * only (https://github.com/moby/buildkit/blob/master/cache/remotecache/export.go).
 */
function splitEntries(entries: readonly Entry[]): Readonly<Record<'children' | 'blobs', readonly Entry[]>> {
  const isCache = entries.some(({mediaType}) => mediaType === cacheConfig)
  return isCache ? {children: [], blobs: entries} : {children: entries, blobs: []}
}

function platformsOf(children: readonly Entry[]): ReadonlyMap<string, string> {
  return new Map(children.flatMap(({digest, platform}) => (platform === undefined ? [] : [[digest, platform]])))
}

/** https://github.com/distribution/distribution/blob/v2.8.3/docs/spec/manifest-v2-1.md */
function schema1Blobs(value: object): readonly StoredBlob[] {
  const layers = field(value, 'fsLayers')
  if (!Array.isArray(layers)) return []
  const digests = layers.flatMap((layer: unknown) => digestIn(layer, 'blobSum') ?? [])
  return digests.map((digest) => ({digest, sizeBytes: 0}))
}

function textIn(value: unknown, name: string): string | undefined {
  const text = field(value, name)
  return typeof text === 'string' && text !== '' ? text : undefined
}

function digestIn(value: unknown, name: string): string | undefined {
  const text = textIn(value, name)
  return text !== undefined && algorithmOf(text) !== undefined ? text : undefined
}
