import type {Digest} from '../../oci/digest.ts'
import {parseManifest, type ManifestContent} from '../../oci/manifest.ts'
import {manifestsAtOnce} from '../../registry/images/image-tree.ts'
import {forEachBounded} from '../../registry/limit.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {
  readBundles,
  readTagSignatures,
  type StoredBundle,
  type StoredLayer,
} from '../../registry/signatures/read-signatures.ts'
import type {Subject} from '../../signing/signature-manifests.ts'
import type {Signer} from '../../signing/signer.ts'
import {namesRepository, parsePayload} from '../../signing/simple-signing.ts'
import {signaturePredicate} from '../../signing/statement.ts'
import type {SignInputs} from '../../inputs/sign-inputs.ts'

/** Manifest or index that is signed in one repository. */
export interface Place {
  readonly subject: Subject
  readonly client: RepositoryClient
  /** Index or manifest of the image that includes the subject. */
  readonly top: ManifestContent
}

/** Signatures of one signer at a place, verified from the bytes of the registry. */
export interface OwnSignatures {
  readonly bundle: StoredBundle | undefined
  /** Digest of the manifest under the tag of cosign 2, if it has a signature for this repository. */
  readonly signatureTag: Digest | undefined
}

/**
 * Lists what is signed: the index, and what a runtime can pull of it, in the order of the digests. Entries without a platform
 * and nested indexes are among it, attestations (platform `unknown/unknown`) are not.
 */
export function subjectsOf({digest, mediaType, bytes}: ManifestContent, platforms: boolean): readonly Subject[] {
  const top = {digest, mediaType, sizeBytes: bytes.byteLength}
  const document = parseManifest(bytes)
  if (!platforms || document?.kind !== 'index') return [top]
  const below = new Map(
    document.manifests.filter(({platform}) => platform?.os !== 'unknown').map((entry) => [entry.digest, entry]),
  )
  below.delete(digest)
  return [top, ...[...below.values()].sort((one, other) => (one.digest < other.digest ? -1 : 1))]
}

/**
 * Reads the signatures at each place, and verifies whose they are. The result has a list for each signer, in the order of
 * the places.
 */
export async function readPlaces(
  places: readonly Place[],
  signers: readonly Signer[],
  {format, which}: Pick<SignInputs, 'format'> & {readonly which?: 'listed'},
): Promise<ReadonlyMap<Place, readonly OwnSignatures[]>> {
  const found = new Map<Place, readonly OwnSignatures[]>()
  await forEachBounded(places, manifestsAtOnce, async (place) => {
    const {subject, client} = place
    const [bundles, tagged] = await Promise.all([
      format === 'signature-tag'
        ? []
        : readBundles(subject.digest, client, {which, predicateTypes: [signaturePredicate]}),
      format === 'bundle' ? undefined : readTagSignatures(subject.digest, client),
    ])
    const own = signers.map(async (signer) => ({
      bundle: await firstOf(bundles, async (bundle) => isOwnBundle(bundle, subject.digest, signer)),
      signatureTag: (await firstOf(tagged?.layers ?? [], async (layer) => isOwnLayer(layer, place, signer)))
        ? tagged?.manifest
        : undefined,
    }))
    found.set(place, await Promise.all(own))
  })
  return new Map(places.map((place) => [place, found.get(place) ?? []]))
}

/** Reports whether a bundle is a signature of the subject by this signer. */
export async function isOwnBundle(
  {bytes}: Pick<StoredBundle, 'bytes'>,
  subject: Digest,
  signer: Signer,
): Promise<boolean> {
  return (await signer.rejects({format: 'bundle', subject, predicateType: signaturePredicate, bytes})) === undefined
}

/** Reports whether a layer is a signature by this signer for the name of this repository. */
async function isOwnLayer(
  {bytes, annotations}: StoredLayer,
  {subject, client}: Place,
  signer: Signer,
): Promise<boolean> {
  if (!namesRepository(parsePayload(bytes)?.reference, client.repository)) return false
  return (await signer.rejects({format: 'signature-tag', subject: subject.digest, bytes, annotations})) === undefined
}

/** First item that passes. */
async function firstOf<T>(items: readonly T[], passes: (item: T) => Promise<boolean>): Promise<T | undefined> {
  for (const item of items) if (await passes(item)) return item
  return undefined
}
