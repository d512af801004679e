import {digestOf, type Digest} from '../../src/oci/digest.ts'
import {moveTag, storeBlob, storeManifest, type Store} from './store.ts'
import type {StoredManifest} from './types.ts'

/** What an image is to look like. */
export interface ImageContent {
  /** `linux/amd64`, `linux/arm/v7`; the first alone unless given. */
  readonly platforms?: readonly string[]
  /** Whether there is an index above a single platform's manifest, too. */
  readonly index?: boolean
  /** BuildKit's attestation manifest beside each platform's; makes an index. */
  readonly attestations?: boolean
  /** Of the top manifest. */
  readonly annotations?: Readonly<Record<string, string>>
  /** In the configuration of each platform. */
  readonly labels?: Readonly<Record<string, string>>
  /** Two images with the same text and settings are the same image. */
  readonly text?: string
}

export interface MadeImage {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Buffer
  /** Manifests below the index, by platform; the image itself where it has no index. */
  readonly platforms: ReadonlyMap<string, Digest>
  /** Children first, the top last: in the order in which a registry takes them. */
  readonly manifests: readonly (StoredManifest & {readonly digest: Digest})[]
  readonly blobs: ReadonlyMap<Digest, Buffer>
}

const ociIndex = 'application/vnd.oci.image.index.v1+json'
const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
const ociConfig = 'application/vnd.oci.image.config.v1+json'
const ociLayer = 'application/vnd.oci.image.layer.v1.tar'
const inToto = 'application/vnd.in-toto+json'

/** The manifests and blobs of an image, valid by the OCI image spec 1.1; the same ones for the same content. */
export function makeImage(content: ImageContent = {}): MadeImage {
  const {platforms = ['linux/amd64'], attestations = false, annotations} = content
  const hasIndex = content.index ?? (platforms.length > 1 || attestations)
  const blobs = new Map<Digest, Buffer>()
  const blob = (mediaType: string, bytes: Buffer): object => {
    const digest = digestOf(bytes)
    blobs.set(digest, bytes)
    return {mediaType, digest, size: bytes.length}
  }
  const images = platforms.map((name) => {
    const own = hasIndex ? undefined : annotations
    return {name, image: manifest(platformManifest(name, content, blob, own))}
  })
  const proofs = attestations
    ? images.map(({image}) => ({of: image.digest, proof: manifest(proofOf(image, blob))}))
    : []
  const children = [...images.map(({image}) => image), ...proofs.map(({proof}) => proof)]
  const entries = [
    ...images.map(({name, image}) => ({...descriptorOf(image), platform: platformOf(name)})),
    ...proofs.map(({of, proof}) => attestationEntry(of, proof)),
  ]
  const top = hasIndex ? made(ociIndex, {manifests: entries, ...(annotations && {annotations})}) : children[0]
  if (top === undefined) throw new Error('an image without a platform')
  return {
    ...top,
    platforms: new Map(images.map(({name, image}) => [name, image.digest])),
    manifests: hasIndex ? [...children, top] : [top],
    blobs,
  }
}

type MakeBlob = (mediaType: string, bytes: Buffer) => object
/** A manifest as a test makes it. */
export type Made = StoredManifest & {readonly digest: Digest}

function platformManifest(
  name: string,
  {labels, text = ''}: ImageContent,
  blob: MakeBlob,
  annotations: ImageContent['annotations'],
): object {
  const layer = Buffer.from(`layer of ${name}: ${text}`)
  const config = {
    ...platformOf(name),
    config: {...(labels && {Labels: labels})},
    rootfs: {type: 'layers', diff_ids: [digestOf(layer)]},
  }
  return {
    config: blob(ociConfig, Buffer.from(JSON.stringify(config))),
    layers: [blob(ociLayer, layer)],
    ...(annotations && {annotations}),
  }
}

/** https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md */
function proofOf(image: Made, blob: MakeBlob): object {
  const statement = {_type: 'https://in-toto.io/Statement/v0.1', subject: [{digest: image.digest}]}
  return {
    config: blob(ociConfig, Buffer.from(JSON.stringify({architecture: 'unknown', os: 'unknown', of: image.digest}))),
    layers: [blob(inToto, Buffer.from(JSON.stringify(statement)))],
  }
}

function attestationEntry(of: Digest, proof: Made): object {
  return {
    ...descriptorOf(proof),
    annotations: {'vnd.docker.reference.digest': of, 'vnd.docker.reference.type': 'attestation-manifest'},
    platform: {architecture: 'unknown', os: 'unknown'},
  }
}

function manifest(fields: object): Made {
  return made(ociManifest, fields)
}

function made(mediaType: string, fields: object): Made {
  const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType, ...fields}))
  return {mediaType, bytes, digest: digestOf(bytes)}
}

function descriptorOf({mediaType, digest, bytes}: Made): object {
  return {mediaType, digest, size: bytes.length}
}

function platformOf(name: string): object {
  const [os, architecture, variant] = name.split('/')
  return {architecture, os, ...(variant !== undefined && {variant})}
}

/** A manifest that refers to another, as a signature does (OCI image spec, manifest, `subject`). */
export function makeReferrer(subject: Made, artifactType: string, text = ''): MadeImage {
  const empty = Buffer.from('{}')
  const content = Buffer.from(`about ${subject.digest}: ${text}`)
  const top = manifest({
    artifactType,
    config: {mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(empty), size: empty.length},
    layers: [{mediaType: artifactType, digest: digestOf(content), size: content.length}],
    subject: descriptorOf(subject),
  })
  const blobs = new Map([empty, content].map((bytes) => [digestOf(bytes), bytes]))
  return {...top, platforms: new Map(), manifests: [top], blobs}
}

/** What cosign up to 2 puts under the tag `sha256-<hex>.sig`: each layer is a signature of the same payload by one key. */
export function makeSignatures(subject: Digest, keys: readonly string[]): MadeImage {
  const payload = Buffer.from(JSON.stringify({critical: {image: {'docker-manifest-digest': subject}}}))
  const layer = {mediaType: simpleSigning, digest: digestOf(payload), size: payload.length}
  const history = keys.map(() => ({created: '0001-01-01T00:00:00Z'}))
  const rootfs = {type: 'layers', diff_ids: keys.map(() => layer.digest)}
  const config = Buffer.from(JSON.stringify({architecture: '', history, os: '', rootfs, config: {}}))
  const top = manifest({
    config: {mediaType: ociConfig, digest: digestOf(config), size: config.length},
    layers: keys.map((key) => ({...layer, annotations: {'dev.cosignproject.cosign/signature': `by ${key}`}})),
  })
  const blobs = new Map([config, payload].map((bytes) => [digestOf(bytes), bytes]))
  return {...top, platforms: new Map(), manifests: [top], blobs}
}

const simpleSigning = 'application/vnd.dev.cosign.simplesigning.v1+json'

/** Puts an image into a registry by the back door: not a request, and not the doing of a client. */
export function storeImage(store: Store, repository: string, image: MadeImage, tags: readonly string[]): void {
  for (const bytes of image.blobs.values()) storeBlob(store, repository, bytes)
  for (const {mediaType, bytes} of image.manifests) storeManifest(store, repository, {mediaType, bytes})
  for (const tag of tags) moveTag(store, {client: 'test', repository, tag, to: image.digest})
}
