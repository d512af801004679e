import {digestOf, isDigest, type Digest} from './digest.ts'
import {field, parseDescriptor, parseJson, subjectOf, type Descriptor, type ManifestContent} from './manifest.ts'

/** Place of the attestations of a build: in the index, as referrers of the images, both, or none at all. */
export type AttestationPlace = 'inline' | 'referrers' | 'both' | 'off'

/** Manifest that refers to an image of the same repository, which lists it among the referrers of that image. */
export interface Attached {
  /** Digest of the image. */
  readonly subject: Digest
  readonly content: ManifestContent
}

/** Attestation manifest of BuildKit in an index. */
interface IndexedAttestation {
  readonly digest: Digest
  /** Image that it describes; undefined if the index does not list it. */
  readonly subject: Descriptor | undefined
}

/**
 * Lists the attestation manifests of an index:
 * https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
 */
export function attestationsIn(index: Uint8Array): readonly IndexedAttestation[] {
  const entries = entriesOf(index)
  const known = new Map(entries.flatMap((entry) => parseDescriptor(entry) ?? []).map((one) => [one.digest, one]))
  return entries.filter(isAttestation).flatMap((entry) => {
    const digest = field(entry, 'digest')
    const subject = field(field(entry, 'annotations'), referenceDigest)
    if (typeof digest !== 'string' || !isDigest(digest)) return []
    return [{digest, subject: typeof subject === 'string' && isDigest(subject) ? known.get(subject) : undefined}]
  })
}

/**
 * Index without attestation manifests. Other entries and fields are preserved.
 * @returns the digest of the image instead if it is the only entry, unless `keepsIndex` is set.
 */
export function withoutAttestations(index: ManifestContent, keepsIndex: boolean): ManifestContent | Digest {
  const entries = entriesOf(index.bytes)
  const images = entries.filter((entry) => !isAttestation(entry))
  if (images.length === entries.length) return index
  const [only, ...others] = images.map((entry) => field(entry, 'digest'))
  if (others.length === 0 && !keepsIndex && typeof only === 'string' && isDigest(only)) return only
  const document: unknown = parseJson(index.bytes)
  const json = {...(typeof document === 'object' ? document : {}), manifests: images}
  const bytes = new TextEncoder().encode(JSON.stringify(json))
  return {digest: digestOf(bytes), mediaType: index.mediaType, bytes}
}

/** Configuration of a manifest without one (https://github.com/opencontainers/image-spec/blob/main/manifest.md). */
export const emptyConfig: Uint8Array = new TextEncoder().encode('{}')
const manifestType = 'application/vnd.oci.image.manifest.v1+json'
/** Type that BuildKit gives to an attestation manifest with `oci-artifact=true`. */
const attestationType = 'application/vnd.docker.attestation.manifest.v1+json'
const referenceType = 'vnd.docker.reference.type'
const referenceDigest = 'vnd.docker.reference.digest'
const attestationManifest = 'attestation-manifest'

/**
 * Attestation manifest of BuildKit as a referrer of its image. It has the form of `oci-artifact=true`, and the annotations
 * of its entry in an index, which registries list. A manifest that refers to the image already is unchanged.
 */
export function referrerOf(attestation: ManifestContent, {mediaType, digest, sizeBytes}: Descriptor): ManifestContent {
  if (subjectOf(attestation.bytes) === digest) return attestation
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: attestationType,
    config: {
      mediaType: 'application/vnd.oci.empty.v1+json',
      digest: digestOf(emptyConfig),
      size: emptyConfig.byteLength,
    },
    layers: field(parseJson(attestation.bytes), 'layers'),
    subject: {mediaType, digest, size: sizeBytes},
    annotations: {[referenceType]: attestationManifest, [referenceDigest]: digest},
  }
  const bytes = new TextEncoder().encode(JSON.stringify(manifest))
  return {digest: digestOf(bytes), mediaType: manifestType, bytes}
}

/** Reports whether a manifest is an attestation of BuildKit that refers to this image. */
export function isAttestationReferrer(manifest: Uint8Array, subject: Digest): boolean {
  return field(parseJson(manifest), 'artifactType') === attestationType && subjectOf(manifest) === subject
}

function entriesOf(index: Uint8Array): readonly unknown[] {
  const entries = field(parseJson(index), 'manifests')
  return Array.isArray(entries) ? entries : []
}

function isAttestation(entry: unknown): boolean {
  return field(field(entry, 'annotations'), referenceType) === attestationManifest
}
