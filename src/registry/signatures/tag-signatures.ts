import {TagboatError} from '../../errors/error.ts'
import {digestOf, type Digest} from '../../oci/digest.ts'
import {parseManifest, type ManifestContent} from '../../oci/manifest.ts'
import {mergeSignatures, type SignatureMerge} from '../../oci/merge-signatures.ts'
import {formatRepository} from '../../oci/reference.ts'
import {referrersTag} from '../../oci/referrers-tag.ts'
import type {RepositoryClient} from '../repository-client.ts'

/**
 * Tags of cosign for the signatures, attestations and SBOMs of a digest. They are the default up to cosign 2
 * (https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md).
 */
export function signatureTags(digest: Digest): readonly string[] {
  return ['sig', 'att', 'sbom'].map((kind) => `${referrersTag(digest)}.${kind}`)
}

/** Limit of the configuration of signatures, which usually has a few hundred bytes. */
const maxConfigBytes = 1024 * 1024

/**
 * Moves a tag of the destination to these signatures, whose manifest and blobs it already has. Signatures that the tag
 * already has are preserved: they may be of another key.
 * @returns the reason why they were not copied. Undefined on success.
 */
export async function tagSignatures(
  tag: string,
  content: ManifestContent,
  destination: RepositoryClient,
): Promise<string | undefined> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const outcome = await tagOnce(tag, content, destination)
    if (outcome.kind === 'done') return outcome.reason
  }
  return `${formatRepository(destination.repository)}:${tag} is changed concurrently: ${content.digest} is not copied`
}

/** Number of attempts if another copy changes the tag concurrently. */
const maxAttempts = 5

type TagOutcome = {readonly kind: 'done'; readonly reason: string | undefined} | {readonly kind: 'overtaken'}

const tagged: TagOutcome = {kind: 'done', reason: undefined}

async function tagOnce(tag: string, content: ManifestContent, destination: RepositoryClient): Promise<TagOutcome> {
  const name = `${formatRepository(destination.repository)}:${tag}`
  const current = await destination.manifest(tag)
  if (current?.digest === content.digest) return tagged
  const merge: SignatureMerge | undefined =
    current === undefined ? {kind: 'replaced'} : mergeSignatures(current.bytes, content.bytes)
  if (merge?.kind === 'kept') return tagged
  const merged = merge?.kind === 'merged' ? await mergedContent(merge, current, destination) : content
  if (merge === undefined || merged === undefined) {
    return {
      kind: 'done',
      reason: `${name} does not point to signatures, and is not changed: ${content.digest} is not copied`,
    }
  }
  try {
    const isUnchanged = async (): Promise<boolean> => {
      const currentDigest = (await destination.manifest(tag))?.digest
      return currentDigest === current?.digest || currentDigest === merged.digest
    }
    return (await destination.putManifest(tag, merged, isUnchanged)) ? tagged : {kind: 'overtaken'}
  } catch (error) {
    if (!(error instanceof TagboatError) || error.code !== 'tag-immutable') throw error
    return {kind: 'done', reason: `${name} is immutable: ${content.digest} is not copied`}
  }
}

/** Merged list of signatures. Undefined if the configuration of the current list cannot be read. */
async function mergedContent(
  merge: Extract<SignatureMerge, {kind: 'merged'}>,
  current: ManifestContent | undefined,
  destination: RepositoryClient,
): Promise<ManifestContent | undefined> {
  const document = current && parseManifest(current.bytes)
  if (current === undefined || document?.kind !== 'manifest') return undefined
  const {config} = document
  if (config.sizeBytes > maxConfigBytes) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of destination.readBlob(config)) chunks.push(chunk)
  const merged = merge.withConfig(Buffer.concat(chunks))
  const blob = {digest: digestOf(merged.config), sizeBytes: merged.config.byteLength}
  await destination.uploadBlob(blob, async function* () {
    yield await Promise.resolve(merged.config)
  })
  return {digest: digestOf(merged.manifest), mediaType: current.mediaType, bytes: merged.manifest}
}
