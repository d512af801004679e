import type {Digest} from '../../oci/digest.ts'
import {parseManifest, type ManifestContent} from '../../oci/manifest.ts'
import type {StoredSignature} from '../../oci/stored-signature.ts'
import {manifestsAtOnce} from '../../registry/images/image-tree.ts'
import {forEachBounded} from '../../registry/limit.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {readStoredSignatures, type TagKind} from '../../registry/signatures/stored-signatures.ts'
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
  readonly bundle: StoredSignature | undefined
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

/** Kinds of signatures that a format has: bundles, and what is under a tag of cosign 2. */
export function kindsOf<T extends TagKind>(format: SignInputs['format'], tag: T): readonly ('bundle' | T)[] {
  return [...(format === 'signature-tag' ? [] : (['bundle'] as const)), ...(format === 'bundle' ? [] : [tag])]
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
  const kinds = kindsOf(format, 'signature-tag')
  const found = new Map<Place, readonly OwnSignatures[]>()
  await forEachBounded(places, manifestsAtOnce, async (place) => {
    const {subject, client} = place
    const question = {kinds, which, predicateTypes: [signaturePredicate]}
    const {found: stored} = await readStoredSignatures(client, subject.digest, question)
    const [bundles, layers] = [stored.filter(({kind}) => kind === 'bundle'), stored.filter(isNamed(place))]
    const own = signers.map(async (signer) => ({
      bundle: await firstOf(bundles, async (one) => isOwn(one, subject.digest, signer)),
      signatureTag: (await firstOf(layers, async (one) => isOwn(one, subject.digest, signer)))?.manifest,
    }))
    found.set(place, await Promise.all(own))
  })
  return new Map(places.map((place) => [place, found.get(place) ?? []]))
}

/** Reports whether a stored signature is one of the subject by this signer. */
export async function isOwn(stored: StoredSignature, subject: Digest, signer: Signer): Promise<boolean> {
  return (await signer.rejects({stored, subject, predicateType: signaturePredicate})) === undefined
}

/** Predicate for signatures under a tag that are for the name of this repository. */
function isNamed({client}: Place): (stored: StoredSignature) => boolean {
  return ({kind, bytes}) =>
    kind === 'signature-tag' && namesRepository(parsePayload(bytes)?.reference, client.repository)
}

/** First item that passes. */
export async function firstOf<T>(items: readonly T[], passes: (item: T) => Promise<boolean>): Promise<T | undefined> {
  for (const item of items) if (await passes(item)) return item
  return undefined
}
