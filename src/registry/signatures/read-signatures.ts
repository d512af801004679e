import {TagboatError} from '../../errors/error.ts'
import type {Digest} from '../../oci/digest.ts'
import {field, parseDescriptor, parseJson, type Descriptor, type ManifestContent} from '../../oci/manifest.ts'
import {forEachBounded} from '../limit.ts'
import {manifestsAtOnce} from '../images/image-tree.ts'
import {referrersTag} from '../../oci/referrers-tag.ts'
import type {RepositoryClient} from '../repository-client.ts'

/** Sigstore bundle that a referrer contains. */
export interface StoredBundle {
  /** Digest of the referrer. */
  readonly manifest: Digest
  readonly bytes: Uint8Array
}

/** Manifest under a tag of cosign 2, with the layers that can be read. */
interface StoredSignatures {
  readonly manifest: Digest
  readonly layers: readonly StoredLayer[]
}

/** Content of a layer, and the annotations of its descriptor, which contain the signature. */
export interface StoredLayer {
  readonly bytes: Uint8Array
  readonly annotations: Readonly<Record<string, string>>
}

/** Prefix of the media types of bundles, whose version follows. */
export const bundlePrefix = 'application/vnd.dev.sigstore.bundle'
/** Media type of the payload of a signature under a tag. */
export const payloadType = 'application/vnd.dev.cosign.simplesigning.v1+json'

/** Limits of the signatures of one image. Any account that may push can add some. */
const maxReferrers = 500
const maxLayers = 500
/** An SBOM may have many megabytes. */
const maxBundleBytes = 128 * 1024 * 1024
const maxPayloadBytes = 64 * 1024

/** Selection of bundles. */
interface BundleQuestion {
  /** `listed` for those that the registry shows, without those that it has only accepted from this client. */
  readonly which?: 'listed' | undefined
  /** Types of the predicates, as manifests state them. A manifest that states none may have any. */
  readonly predicateTypes: readonly string[]
}

/**
 * Reads the bundles that refer to a subject, in the order of the list. Others, and those that cannot be read, are left
 * out: a list may name deleted manifests.
 */
export async function readBundles(
  subject: Digest,
  client: RepositoryClient,
  {which, predicateTypes}: BundleQuestion,
): Promise<readonly StoredBundle[]> {
  const listed = [...new Set((await client.referrers(subject, which)).map(({digest}) => digest))]
  const found = new Map<Digest, StoredBundle>()
  await forEachBounded(listed.slice(0, maxReferrers), manifestsAtOnce, async (digest) => {
    const manifest = await intactManifest(digest, client)
    const blob = manifest && bundleBlob(manifest.bytes, subject, predicateTypes)
    const bytes = blob && (await readSmallBlob(blob, maxBundleBytes, client))
    if (bytes !== undefined) found.set(digest, {manifest: digest, bytes})
  })
  return listed.flatMap((digest) => found.get(digest) ?? [])
}

/** Layer with the bundle. Undefined if the manifest does not refer to the subject, or has no bundle. */
function bundleBlob(manifest: Uint8Array, subject: Digest, predicateTypes: readonly string[]): Descriptor | undefined {
  const document = parseJson(manifest)
  const stated = field(field(document, 'annotations'), 'dev.sigstore.bundle.predicateType')
  if (stated !== undefined && !predicateTypes.some((type) => type === stated)) return undefined
  const layers = field(document, 'layers')
  if (field(field(document, 'subject'), 'digest') !== subject || !Array.isArray(layers)) return undefined
  const layer = parseDescriptor(layers[0])
  return layer?.mediaType.startsWith(bundlePrefix) === true ? layer : undefined
}

/** Reads the signatures under the tag of cosign 2. Undefined if there is no such tag. */
export async function readTagSignatures(
  subject: Digest,
  client: RepositoryClient,
): Promise<StoredSignatures | undefined> {
  const manifest = await client.manifest(signatureTag(subject))
  if (manifest === undefined) return undefined
  const listed: unknown = field(parseJson(manifest.bytes), 'layers')
  const entries: readonly unknown[] = Array.isArray(listed) ? listed.slice(0, maxLayers) : []
  const layers = new Map<number, StoredLayer>()
  await forEachBounded([...entries.entries()], manifestsAtOnce, async ([index, entry]) => {
    const blob = parseDescriptor(entry)
    if (blob?.mediaType !== payloadType) return
    const bytes = await readSmallBlob(blob, maxPayloadBytes, client)
    if (bytes !== undefined) layers.set(index, {bytes, annotations: textsOf(field(entry, 'annotations'))})
  })
  return {manifest: manifest.digest, layers: entries.flatMap((_, index) => layers.get(index) ?? [])}
}

/** Tag for the signatures of a digest in the format of cosign 2. */
export function signatureTag(digest: Digest): string {
  return `${referrersTag(digest)}.sig`
}

/** Annotations whose values are texts. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/** Reads a blob. Undefined if it is larger than the limit, does not exist, or is not what its digest says. */
export async function readSmallBlob(
  blob: Descriptor,
  maxBytes: number,
  client: RepositoryClient,
): Promise<Uint8Array | undefined> {
  if (blob.sizeBytes > maxBytes) return undefined
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of client.readBlob(blob)) chunks.push(chunk)
  } catch (error) {
    if (error instanceof TagboatError && (error.isAbsent || error.code === 'content-corrupt')) return undefined
    throw error
  }
  return Buffer.concat(chunks)
}

/** Reads a manifest. Undefined if it does not exist, or is not what its digest says. */
export async function intactManifest(
  reference: string,
  client: RepositoryClient,
): Promise<ManifestContent | undefined> {
  try {
    return await client.manifest(reference)
  } catch (error) {
    if (error instanceof TagboatError && error.code === 'content-corrupt') return undefined
    throw error
  }
}
