import type {Digest} from '../../oci/digest.ts'
import {field, parseDescriptor, parseJson, type Descriptor} from '../../oci/manifest.ts'
import type {StoredSignature} from '../../oci/stored-signature.ts'
import {referrersTag} from '../referrers.ts'
import type {RepositoryClient} from '../repository-client.ts'

/** Limit of a signature or an attestation. GitHub accepts predicates of 16 MiB, which base64 makes longer. */
const maxBytes = 32 * 1024 * 1024

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
 * read.
 * @throws TagboatError if the registry does not respond, or if content does not have its digest.
 */
export async function readStoredSignatures(client: RepositoryClient, digest: Digest): Promise<StoredSignatures> {
  const tag = referrersTag(digest)
  const [referrers, signatures, attestations] = await Promise.all([
    client.referrers(digest),
    tagLayers(`${tag}.sig`, 'application/vnd.dev.cosign.simplesigning.v1+json', client),
    tagLayers(`${tag}.att`, 'application/vnd.dsse.envelope.v1+json', client),
  ])
  const bundles = await Promise.all(
    referrers.slice(0, mostSignatures).map(async (referrer) => bundleLayers(referrer, digest, client)),
  )
  const layers: readonly Layer[] = [
    ...bundles.flat(),
    ...signatures.map((layer) => ({...layer, kind: 'signature-tag' as const})),
    ...attestations.map((layer) => ({...layer, kind: 'attestation-tag' as const})),
  ]
  const small = layers.filter(({descriptor}) => descriptor.sizeBytes <= maxBytes)
  const read = small.slice(0, mostSignatures)
  const skipped = referrers.length - mostSignatures
  return {
    found: await Promise.all(
      read.map(async ({kind, descriptor, annotations}) => {
        return {kind, digest: descriptor.digest, bytes: await contentOf(descriptor, client), annotations}
      }),
    ),
    unread: [
      ...layers
        .filter(({descriptor}) => descriptor.sizeBytes > maxBytes)
        .map(({descriptor}) => `${descriptor.digest} has ${descriptor.sizeBytes} bytes, and was not read`),
      ...(skipped > 0 || small.length > read.length
        ? [`only the first ${mostSignatures} signatures of ${digest} were read`]
        : []),
    ],
  }
}

interface TagLayer {
  readonly descriptor: Descriptor
  readonly annotations: Readonly<Record<string, string>>
}

interface Layer extends TagLayer {
  readonly kind: StoredSignature['kind']
}

async function bundleLayers(
  {digest}: Descriptor,
  subject: Digest,
  client: RepositoryClient,
): Promise<readonly Layer[]> {
  const content = await client.manifest(digest)
  const manifest = content === undefined ? undefined : parseJson(content.bytes)
  // A registry, or a fallback tag, may list a referrer of another image.
  if (field(field(manifest, 'subject'), 'digest') !== subject) return []
  return layersOf(manifest)
    .filter(({descriptor}) => descriptor.mediaType.startsWith('application/vnd.dev.sigstore.bundle'))
    .map((layer) => ({...layer, kind: 'bundle' as const}))
}

async function tagLayers(tag: string, mediaType: string, client: RepositoryClient): Promise<readonly TagLayer[]> {
  const content = await client.manifest(tag)
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

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

async function contentOf(descriptor: Descriptor, client: RepositoryClient): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of client.readBlob(descriptor)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
