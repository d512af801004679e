import {signingError} from '../../errors/signing-error.ts'
import {manifestsAtOnce} from '../../registry/images/image-tree.ts'
import {forEachBounded} from '../../registry/limit.ts'
import {signatureTag, type TagKind} from '../../registry/signatures/stored-signatures.ts'
import {tagSignatures} from '../../registry/signatures/tag-signatures.ts'
import {tagManifest, type SignedLayer} from '../../signing/signature-manifests.ts'
import type {Signer} from '../../signing/signer.ts'
import {formatPayload, signatureAnnotations} from '../../signing/simple-signing.ts'
import type {NewAttestations} from './attested.ts'
import type {BlobSender} from './blob-sender.ts'
import type {OwnSignatures, Place} from './place.ts'

/**
 * Adds a signature of each signer to the tag of cosign 2 of each place that has none.
 * @throws TagboatError `signature-not-kept` if the tag cannot be changed.
 */
export async function attachTags(
  found: ReadonlyMap<Place, readonly OwnSignatures[]>,
  signers: readonly Signer[],
  sender: BlobSender,
): Promise<void> {
  await forEachBounded([...found], manifestsAtOnce, async ([place, own]) => {
    const missing = signers.filter((_, index) => own[index]?.signatureTag === undefined)
    const layers = await Promise.all(missing.map(async (signer) => signPayload(place, signer)))
    await attachLayers({kind: 'signature-tag', layers}, place, sender)
  })
}

/** Adds attestations to the tags of cosign 2. @throws TagboatError `signature-not-kept` if a tag cannot be changed. */
export async function attachAttestations(
  attestations: ReadonlyMap<Place, Pick<NewAttestations, 'layers'>>,
  sender: BlobSender,
): Promise<void> {
  await forEachBounded([...attestations], manifestsAtOnce, async ([place, {layers}]) =>
    attachLayers({kind: 'attestation-tag', layers}, place, sender),
  )
}

/** Layers for a tag of cosign 2. */
interface TagLayers {
  readonly kind: TagKind
  readonly layers: readonly SignedLayer[]
}

/**
 * Adds signatures or attestations to the tag of cosign 2 of a place. All of a place are written at once, since the tag may
 * be immutable. Those that are there are preserved.
 * @throws TagboatError `signature-not-kept` if the tag cannot be changed.
 */
async function attachLayers({kind, layers}: TagLayers, {client, subject}: Place, sender: BlobSender): Promise<void> {
  if (layers.length === 0) return
  const {content, blobs} = tagManifest(kind, layers)
  await sender.send(blobs, client)
  const reason = await tagSignatures(signatureTag(subject.digest, kind), content, client)
  if (reason === undefined) return
  throw signingError('signature-not-kept', {
    message: `${client.repository.host} refuses ${kind === 'signature-tag' ? 'a signature' : 'an attestation'}.`,
    evidence: [reason],
  })
}

async function signPayload({client, subject}: Place, signer: Signer): Promise<SignedLayer> {
  const bytes = formatPayload(client.repository, subject.digest)
  return {bytes, annotations: signatureAnnotations(await signer.signPayload(bytes))}
}
