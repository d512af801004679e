import {algorithmOf, isDigest, type Digest} from './digest.ts'
import {platformOf, type Platform} from './platform.ts'

/** OCI content descriptor: https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly sizeBytes: number
  readonly platform: Platform | undefined
}

/** A manifest or index. Its digest is computed from the bytes, or compared with them. */
export interface ManifestContent {
  readonly digest: Digest
  /** `Content-Type` of the response; where that is not a type of a manifest, what the manifest says. */
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** An image for one platform: https://github.com/opencontainers/image-spec/blob/main/manifest.md */
export interface Manifest {
  readonly kind: 'manifest'
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

/** A list of manifests: https://github.com/opencontainers/image-spec/blob/main/image-index.md */
export interface Index {
  readonly kind: 'index'
  readonly manifests: readonly Descriptor[]
}

/** What a registry is asked for: OCI's types and the Docker types that mean the same. */
export const manifestMediaTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
] as const

/** The bytes of a manifest or index. Undefined when they are neither. */
export function parseManifest(bytes: Uint8Array): Manifest | Index | undefined {
  const value = parseJson(bytes)
  const manifests = field(value, 'manifests')
  if (Array.isArray(manifests))
    return {kind: 'index', manifests: manifests.flatMap((entry) => parseDescriptor(entry) ?? [])}
  const config = parseDescriptor(field(value, 'config'))
  const layers = field(value, 'layers')
  if (config === undefined || !Array.isArray(layers)) return undefined
  return {kind: 'manifest', config, layers: layers.flatMap((entry) => parseDescriptor(entry) ?? [])}
}

/**
 * The algorithm of a digest in this manifest or index that is not SHA-256, the only one that is computed here. What is under such a
 * digest is missing from everything that reads the document. Undefined: there is none.
 */
export function foreignAlgorithm(bytes: Uint8Array): string | undefined {
  const value = parseJson(bytes)
  const lists = ['manifests', 'layers'].map((name) => field(value, name))
  const descriptors = [field(value, 'config'), ...lists.flatMap((list): unknown[] => (Array.isArray(list) ? list : []))]
  return descriptors.map(digestAlgorithm).find((algorithm) => algorithm !== undefined && algorithm !== 'sha256')
}

function digestAlgorithm(descriptor: unknown): string | undefined {
  const digest = field(descriptor, 'digest')
  return typeof digest === 'string' ? algorithmOf(digest) : undefined
}

/** What a runtime would pull: BuildKit lists attestations in the index too, under the platform `unknown/unknown`. */
export function images(index: Index): readonly Descriptor[] {
  return index.manifests.filter(({platform}) => platform !== undefined && platform.os !== 'unknown')
}

/** Compressed size of an image: its layers and its configuration. */
export function compressedSize({config, layers}: Manifest): number {
  return layers.reduce((sum, {sizeBytes}) => sum + sizeBytes, config.sizeBytes)
}

/** The digest of the manifest that this one refers to, as written. Undefined: it refers to none. */
export function subjectOf(bytes: Uint8Array): unknown {
  return field(field(parseJson(bytes), 'subject'), 'digest')
}

/** A descriptor in JSON. Undefined when it is none, or its digest is not of SHA-256. */
export function parseDescriptor(value: unknown): Descriptor | undefined {
  const digest = field(value, 'digest')
  const mediaType = field(value, 'mediaType')
  const size = field(value, 'size')
  if (typeof digest !== 'string' || !isDigest(digest) || typeof mediaType !== 'string' || typeof size !== 'number')
    return undefined
  return {mediaType, digest, sizeBytes: size, platform: platformOf(field(value, 'platform'))}
}

/** Undefined when the bytes are no JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    // What does not parse is no document of ours, and the caller says so.
    return undefined
  }
}

/** A field of parsed JSON; undefined where there is none. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}

/** What a manifest or an index is made of, and so what has to be in a repository before it. */
export interface Content {
  /** Of an index: its manifests, attestations and nested indexes included. */
  readonly manifests: readonly Descriptor[]
  /** Of a manifest: its configuration and the layers that a registry holds. */
  readonly blobs: readonly Descriptor[]
}

/**
 * Undefined when the bytes are neither a manifest nor an index, or when one of their descriptors cannot be read: what is
 * copied without it would not be whole.
 */
export function contentOf(bytes: Uint8Array): Content | undefined {
  const value = parseJson(bytes)
  const children = field(value, 'manifests')
  if (Array.isArray(children)) {
    const manifests = parseDescriptors(children)
    return manifests === undefined ? undefined : {manifests, blobs: []}
  }
  const layers: unknown = field(value, 'layers')
  if (!Array.isArray(layers)) return undefined
  const blobs = parseDescriptors([field(value, 'config')].concat(layers))
  return blobs === undefined ? undefined : {manifests: [], blobs: blobs.filter(isDistributable)}
}

function parseDescriptors(values: readonly unknown[]): readonly Descriptor[] | undefined {
  const parsed = values.map(parseDescriptor)
  return parsed.includes(undefined) ? undefined : parsed.flatMap((descriptor) => descriptor ?? [])
}

/**
 * Layers of Windows' base images lie at Microsoft, and registries need not hold them
 * (https://github.com/opencontainers/image-spec/blob/main/layer.md#non-distributable-layers).
 */
function isDistributable({mediaType}: Descriptor): boolean {
  return !/\.nondistributable\.|\.foreign\./.test(mediaType)
}
