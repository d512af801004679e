import {digestOf} from './digest.ts'
import {field, parseDescriptor, parseJson, type Descriptor} from './manifest.ts'

/**
 * Media types of the layers that cosign keeps below the tags `sha256-<hex>.sig` and `.att`: each layer is one signature
 * (https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md).
 */
const signatureTypes = ['application/vnd.dev.cosign.simplesigning.v1+json', 'application/vnd.dsse.envelope.v1+json']

/** What has to be under a tag so that it holds the signatures of both lists. */
export type SignatureMerge =
  | {readonly kind: 'kept'}
  /** The list that is added holds all of the other one. */
  | {readonly kind: 'replaced'}
  /** A configuration of its own is needed, whose text is made of that of the list that is there. */
  | {readonly kind: 'merged'; withConfig(current: Uint8Array): MergedSignatures}

export interface MergedSignatures {
  readonly manifest: Uint8Array
  readonly config: Uint8Array
}

/** Merges two lists of signatures of one image, as cosign appends to one. Undefined: one of them is not such a list. */
export function mergeSignatures(current: Uint8Array, added: Uint8Array): SignatureMerge | undefined {
  const [here, there] = [parseJson(current), parseJson(added)]
  const [own, others] = [signaturesOf(here), signaturesOf(there)]
  if (own === undefined || others === undefined) return undefined
  const missing = lacking(own, others)
  if (missing.length === 0) return {kind: 'kept'}
  if (lacking(others, own).length === 0) return {kind: 'replaced'}
  const layers = [...own, ...missing]
  return {
    kind: 'merged',
    withConfig: (bytes) => {
      const config = encoded(withLayers(parseJson(bytes), layers))
      const descriptor = {...fieldsOf(field(here, 'config')), digest: digestOf(config), size: config.byteLength}
      const manifest = {...fieldsOf(here), config: descriptor, layers: layers.map(({written}) => written)}
      return {manifest: encoded(manifest), config}
    },
  }
}

function encoded(document: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document))
}

interface Signature {
  readonly layer: Descriptor
  /** The whole descriptor: the signature itself is one of its annotations. */
  readonly written: unknown
  /** Equal for equal descriptors. */
  readonly key: string
}

function signaturesOf(manifest: unknown): readonly Signature[] | undefined {
  const layers = field(manifest, 'layers')
  if (!Array.isArray(layers)) return undefined
  const signatures = layers.flatMap((written: unknown) => {
    const layer = parseDescriptor(written)
    return layer !== undefined && signatureTypes.includes(layer.mediaType)
      ? [{layer, written, key: keyOf(written)}]
      : []
  })
  return signatures.length === layers.length ? signatures : undefined
}

/** Two keys sign the same payload: what differs then is an annotation alone. */
function keyOf(written: unknown): string {
  const annotations = Object.entries(fieldsOf(field(written, 'annotations'))).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([field(written, 'digest'), annotations])
}

function lacking(list: readonly Signature[], wanted: readonly Signature[]): readonly Signature[] {
  const keys = new Set(list.map(({key}) => key))
  return wanted.filter(({key}) => !keys.has(key))
}

/** Signatures are not compressed: the digest of such a layer is that of its content too. */
function withLayers(config: unknown, layers: readonly Signature[]): object {
  const history = field(config, 'history')
  const told: readonly unknown[] = Array.isArray(history) ? history : []
  return {
    ...fieldsOf(config),
    rootfs: {type: 'layers', diff_ids: layers.map(({layer}) => layer.digest)},
    history: layers.map((_, index) => told[index] ?? {created: '0001-01-01T00:00:00Z'}),
  }
}

function fieldsOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}
