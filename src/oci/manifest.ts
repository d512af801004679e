import {algorithmOf, isDigest, type Digest} from './digest.ts'
import {platformOf, type Platform} from './platform.ts'

/** OCI content descriptor: https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly sizeBytes: number
  readonly platform: Platform | undefined
}

/** Content of a manifest or index. The digest was computed from the bytes, or compared with them. */
export interface ManifestContent {
  readonly digest: Digest
  /** `Content-Type` of the response if it is a manifest type, else `mediaType` of the manifest. */
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** Manifest of an image for one platform: https://github.com/opencontainers/image-spec/blob/main/manifest.md */
export interface Manifest {
  readonly kind: 'manifest'
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

/** Index of manifests: https://github.com/opencontainers/image-spec/blob/main/image-index.md */
interface Index {
  readonly kind: 'index'
  readonly manifests: readonly Descriptor[]
}

/** Accepted media types: those of OCI and their Docker equivalents. */
export const manifestMediaTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
] as const

/** Parses a manifest or index. Undefined if the bytes are neither. */
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
 * Algorithm of the first digest in a manifest or index that is not SHA-256, the only supported one. Parsed documents do
 * not contain such descriptors. Undefined if all digests are of SHA-256.
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

/** Images of an index that a runtime can pull, without the attestations of BuildKit (platform `unknown/unknown`). */
export function images(index: Index): readonly Descriptor[] {
  return index.manifests.filter(({platform}) => platform !== undefined && platform.os !== 'unknown')
}

/** Reports whether a blob is a layer of the file system, not a configuration or an attestation. */
export function isLayer({mediaType}: Pick<Descriptor, 'mediaType'>): boolean {
  return /\b(?:layer|rootfs)\b/.test(mediaType)
}

/** Compressed size of an image: layers and configuration. */
export function compressedSize({config, layers}: Manifest): number {
  return layers.reduce((sum, {sizeBytes}) => sum + sizeBytes, config.sizeBytes)
}

/** Digest in the `subject` of a manifest, unchecked. Undefined if the manifest has no subject. */
export function subjectOf(bytes: Uint8Array): unknown {
  return field(field(parseJson(bytes), 'subject'), 'digest')
}

/** Parses a descriptor. Undefined if it is not valid, or its digest is not of SHA-256. */
export function parseDescriptor(value: unknown): Descriptor | undefined {
  const digest = field(value, 'digest')
  const mediaType = field(value, 'mediaType')
  const size = field(value, 'size')
  if (typeof digest !== 'string' || !isDigest(digest) || typeof mediaType !== 'string' || typeof size !== 'number')
    return undefined
  return {mediaType, digest, sizeBytes: size, platform: platformOf(field(value, 'platform'))}
}

/** Parses JSON. Undefined if the bytes are not JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    // Not JSON.
    return undefined
  }
}

/** Field of parsed JSON. Undefined if it does not exist. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}

/** Parts of a manifest or index, which must exist in a repository before it. */
interface ManifestParts {
  /** Manifests of an index, attestations and nested indexes included. */
  readonly manifests: readonly Descriptor[]
  /** Configuration and distributable layers of a manifest. */
  readonly blobs: readonly Descriptor[]
}

/**
 * Lists the parts of a manifest or index. Undefined if the bytes are neither, or if a descriptor cannot be parsed,
 * since a copy without it would not be complete.
 */
export function manifestParts(bytes: Uint8Array): ManifestParts | undefined {
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
 * Reports whether registries store a layer. They do not store base layers of Windows
 * (https://github.com/opencontainers/image-spec/blob/main/layer.md#non-distributable-layers).
 */
export function isDistributable({mediaType}: Pick<Descriptor, 'mediaType'>): boolean {
  return !/\.nondistributable\.|\.foreign\./.test(mediaType)
}
