import type {Digest} from '../../oci/digest.ts'
import {field, parseDescriptor, parseJson, type Descriptor} from '../../oci/manifest.ts'
import type {StoredSignature} from '../../oci/stored-signature.ts'
import {forEachBounded} from '../limit.ts'
import {referrersTag} from '../../oci/referrers-tag.ts'
import {
  bundlePrefix,
  intactManifest,
  payloadType,
  readSmallBlob,
  signatureTag,
  textsOf,
} from '../signatures/read-signatures.ts'
import {manifestsAtOnce} from './image-tree.ts'
import type {RepositoryClient} from '../repository-client.ts'

/** Limit of a signature or an attestation. GitHub accepts predicates of 16 MiB, which base64 makes longer. */
const maxBytes = 32 * 1024 * 1024

/** Limit of all signatures of a manifest together. */
const maxTotalBytes = 256 * 1024 * 1024

/** Limit of the signatures of an image, so that a foreign repository cannot keep a run busy. */
const mostSignatures = 500

/** Signatures that a repository has for an image. */
interface StoredSignatures {
  readonly found: readonly StoredSignature[]
  /** Lines about those that were not read. */
  readonly unread: readonly string[]
}

/**
 * Reads the signatures and attestations of a manifest: bundles that refer to it, and the tags `.sig` and `.att` of
 * cosign 2. The type of a referrer in a list may be wrong (cosign writes that of the configuration), so the manifests are
 * read. What is deleted, broken or too large is left out: any account that may push can add it.
 * @throws TagboatError if the registry does not respond.
 */
export async function readStoredSignatures(client: RepositoryClient, digest: Digest): Promise<StoredSignatures> {
  const [referrers, signatures, attestations] = await Promise.all([
    client.referrers(digest),
    tagLayers(signatureTag(digest), payloadType, client),
    tagLayers(`${referrersTag(digest)}.att`, 'application/vnd.dsse.envelope.v1+json', client),
  ])
  const listed = [...new Set(referrers.map((referrer) => referrer.digest))]
  const byReferrer = new Map<Digest, readonly Layer[]>()
  await forEachBounded(listed.slice(0, mostSignatures), manifestsAtOnce, async (referrer) => {
    byReferrer.set(referrer, await bundleLayers(referrer, digest, client))
  })
  const bundles = listed.map((referrer) => byReferrer.get(referrer) ?? [])
  const layers: readonly Layer[] = [
    ...bundles.flat(),
    ...signatures.map((layer) => ({...layer, kind: 'signature-tag' as const})),
    ...attestations.map((layer) => ({...layer, kind: 'attestation-tag' as const})),
  ]
  const unread: string[] = []
  const found = new Map<Layer, StoredSignature>()
  let left = maxTotalBytes
  const chosen = layers.slice(0, mostSignatures).filter(({descriptor: {digest: name, sizeBytes}}) => {
    if (sizeBytes >= 0 && sizeBytes <= Math.min(maxBytes, left)) {
      left -= sizeBytes
      return true
    }
    unread.push(`${name} has ${sizeBytes} bytes, and was not read`)
    return false
  })
  await forEachBounded(chosen, manifestsAtOnce, async (layer) => {
    const {kind, descriptor, annotations} = layer
    const bytes = await readSmallBlob(descriptor, maxBytes, client)
    if (bytes === undefined) unread.push(`${descriptor.digest} is deleted or damaged, and was not read`)
    else found.set(layer, {kind, digest: descriptor.digest, bytes, annotations})
  })
  if (listed.length > mostSignatures || layers.length > mostSignatures)
    unread.push(`only the first ${mostSignatures} signatures of ${digest} were read`)
  return {found: chosen.flatMap((layer) => found.get(layer) ?? []), unread}
}

interface TagLayer {
  readonly descriptor: Descriptor
  readonly annotations: Readonly<Record<string, string>>
}

interface Layer extends TagLayer {
  readonly kind: StoredSignature['kind']
}

async function bundleLayers(digest: Digest, subject: Digest, client: RepositoryClient): Promise<readonly Layer[]> {
  const content = await intactManifest(digest, client)
  const manifest = content === undefined ? undefined : parseJson(content.bytes)
  // A registry, or a fallback tag, may list a referrer of another image.
  if (field(field(manifest, 'subject'), 'digest') !== subject) return []
  return layersOf(manifest)
    .filter(({descriptor}) => descriptor.mediaType.startsWith(bundlePrefix))
    .map((layer) => ({...layer, kind: 'bundle' as const}))
}

async function tagLayers(tag: string, mediaType: string, client: RepositoryClient): Promise<readonly TagLayer[]> {
  const content = await intactManifest(tag, client)
  if (content === undefined) return []
  return layersOf(parseJson(content.bytes)).filter(({descriptor}) => descriptor.mediaType === mediaType)
}

function layersOf(manifest: unknown): readonly TagLayer[] {
  const layers = field(manifest, 'layers')
  if (!Array.isArray(layers)) return []
  return layers.flatMap((layer: unknown) => {
    const descriptor = parseDescriptor(layer)
    return descriptor === undefined ? [] : [{descriptor, annotations: textsOf(field(layer, 'annotations'))}]
  })
}
