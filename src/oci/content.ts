import {field, parseDescriptor, parseJson, type Descriptor} from './manifest.ts'

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
