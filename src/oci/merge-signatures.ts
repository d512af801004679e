import {digestOf} from './digest.ts'
import {field, parseDescriptor, parseJson, type Descriptor} from './manifest.ts'
import {signatureTypes} from './stored-signature.ts'

/**
 * Media types of the layers under the tags `sha256-<hex>.sig` and `.att` of cosign. Each layer is one signature
 * (https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md).
 */
const tagTypes: readonly string[] = [signatureTypes['signature-tag'], signatureTypes['attestation-tag']]

/** Result of merging two lists of signatures. */
export type SignatureMerge =
  /** The current list has all signatures. */
  | {readonly kind: 'kept'}
  /** The added list has all signatures of the current one. */
  | {readonly kind: 'replaced'}
  /** A new list is needed, with a configuration derived from that of the current list. */
  | {readonly kind: 'merged'; withConfig(current: Uint8Array): MergedSignatures}

/** Manifest and configuration of a merged list. */
interface MergedSignatures {
  readonly manifest: Uint8Array
  readonly config: Uint8Array
}

/** Merges two lists of signatures of one image, as cosign appends to a list. Undefined if one is not such a list. */
export function mergeSignatures(current: Uint8Array, added: Uint8Array): SignatureMerge | undefined {
  const [currentManifest, addedManifest] = [parseJson(current), parseJson(added)]
  const [currentList, addedList] = [signaturesOf(currentManifest), signaturesOf(addedManifest)]
  if (currentList === undefined || addedList === undefined) return undefined
  const missing = missingFrom(currentList, addedList)
  if (missing.length === 0) return {kind: 'kept'}
  if (missingFrom(addedList, currentList).length === 0) return {kind: 'replaced'}
  const layers = [...currentList, ...missing]
  return {
    kind: 'merged',
    withConfig: (bytes) => {
      const config = encoded(withLayers(parseJson(bytes), layers))
      const configDescriptor = {
        ...fieldsOf(field(currentManifest, 'config')),
        digest: digestOf(config),
        size: config.byteLength,
      }
      const layerDescriptors = layers.map(({descriptor}) => descriptor)
      const manifest = {...fieldsOf(currentManifest), config: configDescriptor, layers: layerDescriptors}
      return {manifest: encoded(manifest), config}
    },
  }
}

function encoded(document: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document))
}

interface Signature {
  readonly layer: Descriptor
  /** Complete descriptor, whose annotations contain the signature. */
  readonly descriptor: unknown
  /** Key that is equal for equal signatures. */
  readonly key: string
}

function signaturesOf(manifest: unknown): readonly Signature[] | undefined {
  const layers = field(manifest, 'layers')
  if (!Array.isArray(layers)) return undefined
  const signatures = layers.flatMap((descriptor: unknown) => {
    const layer = parseDescriptor(descriptor)
    return layer !== undefined && tagTypes.includes(layer.mediaType)
      ? [{layer, descriptor, key: keyOf(descriptor)}]
      : []
  })
  return signatures.length === layers.length ? signatures : undefined
}

/** Key of the digest and annotations: signatures by two keys have the same digest and differ in annotations only. */
function keyOf(descriptor: unknown): string {
  const annotations = Object.entries(fieldsOf(field(descriptor, 'annotations'))).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([field(descriptor, 'digest'), annotations])
}

/** Signatures that a list does not have. */
function missingFrom(list: readonly Signature[], expected: readonly Signature[]): readonly Signature[] {
  const keys = new Set(list.map(({key}) => key))
  return expected.filter(({key}) => !keys.has(key))
}

/** Configuration with these layers. They are not compressed, so the diff IDs are the digests. */
function withLayers(config: unknown, layers: readonly Signature[]): object {
  const history = field(config, 'history')
  const entries: readonly unknown[] = Array.isArray(history) ? history : []
  return {
    ...fieldsOf(config),
    rootfs: {type: 'layers', diff_ids: layers.map(({layer}) => layer.digest)},
    history: layers.map((_, index) => entries[index] ?? {created: '0001-01-01T00:00:00Z'}),
  }
}

function fieldsOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}
