import {signingError} from '../../errors/signing-error.ts'
import {manifestsAtOnce} from '../../registry/images/image-tree.ts'
import {forEachBounded} from '../../registry/limit.ts'
import {signatureTag} from '../../registry/signatures/read-signatures.ts'
import {tagSignatures} from '../../registry/signatures/tag-signatures.ts'
import {tagManifest, type SignedPayload} from '../../signing/signature-manifests.ts'
import type {Signer} from '../../signing/signer.ts'
import {formatPayload, signatureAnnotations} from '../../signing/simple-signing.ts'
import type {BlobSender} from './blob-sender.ts'
import type {OwnSignatures, Place} from './place.ts'

/**
 * Adds a signature of each signer to the tag of cosign 2 of each place that has none. All signatures of a place are
 * written at once, since the tag may be immutable. Signatures that are there are preserved.
 * @throws TagboatError `signature-not-kept` if the tag cannot be changed.
 */
export async function attachTags(
  found: ReadonlyMap<Place, readonly OwnSignatures[]>,
  signers: readonly Signer[],
  sender: BlobSender,
): Promise<void> {
  await forEachBounded([...found], manifestsAtOnce, async ([place, own]) => {
    const missing = signers.filter((_, index) => own[index]?.signatureTag === undefined)
    if (missing.length === 0) return
    const {client, subject} = place
    const {content, blobs} = tagManifest(await Promise.all(missing.map(async (signer) => signPayload(place, signer))))
    await sender.send(blobs, client)
    const reason = await tagSignatures(signatureTag(subject.digest), content, client)
    if (reason === undefined) return
    throw signingError('signature-not-kept', {
      message: `${client.repository.host} refuses a signature.`,
      evidence: [reason],
    })
  })
}

async function signPayload({client, subject}: Place, signer: Signer): Promise<SignedPayload> {
  const bytes = formatPayload(client.repository, subject.digest)
  return {bytes, annotations: signatureAnnotations(await signer.signPayload(bytes))}
}
