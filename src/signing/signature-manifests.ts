import {emptyConfig} from '../oci/attestations.ts'
import {digestOf, type Digest} from '../oci/digest.ts'
import type {ManifestContent} from '../oci/manifest.ts'
import {signatureTypes, type StoredSignature} from '../oci/stored-signature.ts'
import {bundleMediaType} from './bundle.ts'

/** Manifest or index that is signed. */
export interface Subject {
  readonly digest: Digest
  readonly mediaType: string
  readonly sizeBytes: number
}

/** Manifest of a signature, and the blobs that a registry must have before it. */
interface SignatureManifest {
  readonly content: ManifestContent
  readonly blobs: readonly Uint8Array[]
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'

/**
 * Referrer of a subject with a bundle (https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md). It has no time
 * of creation, so that a run that was interrupted and the next one push the same manifest.
 */
export function bundleManifest(bundle: Uint8Array, subject: Subject, predicateType: string): SignatureManifest {
  const {digest, mediaType, sizeBytes} = subject
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: bundleMediaType,
    config: {mediaType: 'application/vnd.oci.empty.v1+json', ...nameOf(emptyConfig)},
    layers: [{mediaType: bundleMediaType, ...nameOf(bundle)}],
    subject: {mediaType, digest, size: sizeBytes},
    annotations: {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': predicateType,
    },
  }
  return {content: contentOf(manifest), blobs: [emptyConfig, bundle]}
}

/** Signature or attestation in the format of cosign 2: the content of a layer, and its annotations. */
export interface SignedLayer {
  readonly bytes: Uint8Array
  readonly annotations: Readonly<Record<string, string>>
}

/** Manifest with signatures or attestations in the format of cosign 2. */
export function tagManifest(
  kind: Exclude<StoredSignature['kind'], 'bundle'>,
  signatures: readonly SignedLayer[],
): SignatureManifest {
  const layers = signatures.map(({bytes, annotations}) => ({
    mediaType: signatureTypes[kind],
    ...nameOf(bytes),
    annotations,
  }))
  const config = Buffer.from(
    JSON.stringify({
      architecture: '',
      os: '',
      created: '0001-01-01T00:00:00Z',
      history: layers.map(() => ({created: '0001-01-01T00:00:00Z'})),
      rootfs: {type: 'layers', diff_ids: layers.map(({digest}) => digest)},
      config: {},
    }),
  )
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: {mediaType: 'application/vnd.oci.image.config.v1+json', ...nameOf(config)},
    layers,
  }
  return {content: contentOf(manifest), blobs: [config, ...signatures.map(({bytes}) => bytes)]}
}

function nameOf(bytes: Uint8Array): {readonly digest: Digest; readonly size: number} {
  return {digest: digestOf(bytes), size: bytes.byteLength}
}

function contentOf(manifest: object): ManifestContent {
  const bytes = Buffer.from(JSON.stringify(manifest))
  return {digest: digestOf(bytes), mediaType: manifestType, bytes}
}
