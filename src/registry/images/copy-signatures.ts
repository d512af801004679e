import {TagboatError} from '../../errors/error.ts'
import {digestOf, type Digest} from '../../oci/digest.ts'
import {parseManifest, type ManifestContent} from '../../oci/manifest.ts'
import {mergeSignatures, type SignatureMerge} from '../../oci/merge-signatures.ts'
import {formatRepository} from '../../oci/reference.ts'
import {referrersTag} from '../referrers.ts'
import type {RepositoryClient} from '../repository-client.ts'

/**
 * Under which tags cosign up to 2 keeps signatures, attestations and SBOMs of a digest, and cosign 3 where it is asked to
 * (https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md).
 */
export function signatureTags(digest: Digest): readonly string[] {
  return ['sig', 'att', 'sbom'].map((kind) => `${referrersTag(digest)}.${kind}`)
}

/** Configurations of signatures have some hundred bytes. */
const maxConfigBytes = 1024 * 1024

/**
 * Lets a tag of the destination hold these signatures, whose manifest and blobs it has already. Signatures that the tag
 * holds there are kept: they may be of another key. Nothing is replaced that would be lost.
 * @returns why they stay behind; undefined: the tag holds them.
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
  return `${formatRepository(destination.repository)}:${tag} is written by others again and again: ${content.digest} stays behind`
}

/** How often the tag is read again because another copy wrote to it meanwhile. */
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
    return {kind: 'done', reason: `${name} holds something else, which is kept: ${content.digest} stays behind`}
  }
  try {
    const isUnchanged = async (): Promise<boolean> => {
      const currentDigest = (await destination.manifest(tag))?.digest
      return currentDigest === current?.digest || currentDigest === merged.digest
    }
    return (await destination.putManifest(tag, merged, isUnchanged)) ? tagged : {kind: 'overtaken'}
  } catch (error) {
    if (!(error instanceof TagboatError) || error.code !== 'tag-immutable') throw error
    return {kind: 'done', reason: `${name} cannot be changed: ${content.digest} stays behind`}
  }
}

/** Undefined: the configuration of what is there cannot be read. */
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
