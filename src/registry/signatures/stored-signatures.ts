import type {Digest} from '../../oci/digest.ts'
import {field, parseDescriptor, parseJson, type Descriptor} from '../../oci/manifest.ts'
import {referrersTag} from '../../oci/referrers-tag.ts'
import {signatureTypes, type StoredSignature} from '../../oci/stored-signature.ts'
import {manifestsAtOnce} from '../images/image-tree.ts'
import {forEachBounded} from '../limit.ts'
import type {RepositoryClient} from '../repository-client.ts'
import {intactManifest, readSmallBlob} from './read-small.ts'

/** Limits of one signature: an attestation may have an SBOM of many megabytes, which base64 makes longer. */
const maxBytes = {
  bundle: 128 * 1024 * 1024,
  'signature-tag': 1024 * 1024,
  'attestation-tag': 128 * 1024 * 1024,
}

/** Limit of all signatures of a kind together. */
const maxTotalBytes = 256 * 1024 * 1024

/** Limit of the signatures of a kind, so that a foreign repository cannot keep a run busy. */
const mostSignatures = 500

type Kind = StoredSignature['kind']
/** Kinds under a tag of cosign 2. */
export type TagKind = Exclude<Kind, 'bundle'>

/** Selection of signatures. */
interface SignatureQuestion {
  /** Default: all. */
  readonly kinds?: readonly Kind[]
  /** `listed` for referrers that the registry shows, without those that it has only accepted from this client. */
  readonly which?: 'listed' | undefined
  /** Types of the predicates, as bundles and attestations state them. One that states none may have any. Default: all. */
  readonly predicateTypes?: readonly string[]
}

/** Signatures that a repository has for an image. */
interface StoredSignatures {
  readonly found: readonly StoredSignature[]
  /** Lines about those that were not read. */
  readonly unread: readonly string[]
}

/** Tag for the signatures or the attestations of a digest in the format of cosign 2. */
export function signatureTag(digest: Digest, kind: TagKind): string {
  return `${referrersTag(digest)}.${kind === 'signature-tag' ? 'sig' : 'att'}`
}

/**
 * Reads the signatures and attestations of a manifest, in the order of the registry: bundles that refer to it, and the
 * tags `.sig` and `.att` of cosign 2. The type of a referrer in a list may be wrong (cosign writes that of the
 * configuration), so the manifests are read. What is deleted, broken or too large is left out: any account that may push
 * can add it.
 * @throws TagboatError if the registry does not respond.
 */
export async function readStoredSignatures(
  client: RepositoryClient,
  digest: Digest,
  {kinds = ['bundle', 'signature-tag', 'attestation-tag'], which, predicateTypes}: SignatureQuestion = {},
): Promise<StoredSignatures> {
  const lists = await Promise.all(
    kinds.map(async (kind) =>
      kind === 'bundle' ? bundleLayers(digest, client, which) : tagLayers(digest, kind, client),
    ),
  )
  const unread: string[] = []
  const chosen = lists.flatMap(({layers, isCut}) => {
    const wanted = layers.filter(
      ({stated}) => stated === undefined || predicateTypes === undefined || predicateTypes.includes(stated),
    )
    if (isCut || wanted.length > mostSignatures)
      unread.push(`only the first ${mostSignatures} signatures of ${digest} were read`)
    return withinLimits(wanted.slice(0, mostSignatures), unread)
  })
  const found = new Map<Layer, StoredSignature>()
  await forEachBounded(chosen, manifestsAtOnce, async (layer) => {
    const {kind, manifest, descriptor, annotations} = layer
    const bytes = await readSmallBlob(descriptor, maxBytes[kind], client)
    if (bytes === undefined) unread.push(`${descriptor.digest} is deleted or damaged, and was not read`)
    else found.set(layer, {kind, manifest, digest: descriptor.digest, bytes, annotations})
  })
  return {found: chosen.flatMap((layer) => found.get(layer) ?? []), unread}
}

/** Layers of a kind that are not too large. */
function withinLimits(layers: readonly Layer[], unread: string[]): readonly Layer[] {
  let left = maxTotalBytes
  return layers.filter(({kind, descriptor: {digest, sizeBytes}}) => {
    const isRead = sizeBytes >= 0 && sizeBytes <= Math.min(maxBytes[kind], left)
    if (isRead) left -= sizeBytes
    else unread.push(`${digest} has ${sizeBytes} bytes, and was not read`)
    return isRead
  })
}

interface Layer {
  readonly kind: Kind
  readonly manifest: Digest
  readonly descriptor: Descriptor
  readonly annotations: StoredSignature['annotations']
  /** Type of the predicate, as annotations state it. */
  readonly stated: string | undefined
}

interface Layers {
  readonly layers: readonly Layer[]
  /** Whether there are more. */
  readonly isCut: boolean
}

async function bundleLayers(subject: Digest, client: RepositoryClient, which: 'listed' | undefined): Promise<Layers> {
  const listed = [...new Set((await client.referrers(subject, which)).map(({digest}) => digest))]
  const byReferrer = new Map<Digest, readonly Layer[]>()
  await forEachBounded(listed.slice(0, mostSignatures), manifestsAtOnce, async (referrer) => {
    byReferrer.set(referrer, await layersOfReferrer(referrer, subject, client))
  })
  return {
    layers: listed.flatMap((referrer) => byReferrer.get(referrer) ?? []),
    isCut: listed.length > mostSignatures,
  }
}

async function layersOfReferrer(digest: Digest, subject: Digest, client: RepositoryClient): Promise<readonly Layer[]> {
  const content = await intactManifest(digest, client)
  const manifest = content === undefined ? undefined : parseJson(content.bytes)
  // A registry, or a fallback tag, may list a referrer of another image.
  if (field(field(manifest, 'subject'), 'digest') !== subject) return []
  const stated = textsOf(field(manifest, 'annotations'))['dev.sigstore.bundle.predicateType']
  return layersOf(manifest, 'bundle', digest).map((layer) => ({...layer, stated}))
}

async function tagLayers(subject: Digest, kind: TagKind, client: RepositoryClient): Promise<Layers> {
  const content = await intactManifest(signatureTag(subject, kind), client)
  const layers = content === undefined ? [] : layersOf(parseJson(content.bytes), kind, content.digest)
  return {layers, isCut: false}
}

function layersOf(document: unknown, kind: Kind, manifest: Digest): readonly Layer[] {
  const layers = field(document, 'layers')
  if (!Array.isArray(layers)) return []
  return layers.flatMap((layer: unknown) => {
    const descriptor = parseDescriptor(layer)
    if (descriptor?.mediaType.startsWith(signatureTypes[kind]) !== true) return []
    const annotations = textsOf(field(layer, 'annotations'))
    return [{kind, manifest, descriptor, annotations, stated: annotations['predicateType']}]
  })
}

/** Annotations whose values are texts. */
function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}
