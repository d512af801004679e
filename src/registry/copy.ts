import {TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {foreignAlgorithm} from '../oci/manifest.ts'
import {formatRepository} from '../oci/reference.ts'
import {forEachBounded} from './bounded.ts'
import {blobsOf, manifestsAtOnce, readTree, type ImageTree} from './image-tree.ts'
import {enlistReferrers} from './enlist-referrers.ts'
import type {ManifestContent, RepositoryClient} from './repository-client.ts'
import {blobsAtOnce, sendBlob, sendManifests} from './send.ts'

export interface CopyRequest {
  readonly digest: Digest
  readonly source: RepositoryClient
  readonly destination: RepositoryClient
  /** Told of each referrer that is left out, because it is no manifest that can be read, or lacks a part. */
  readonly onLeftOut: (line: string) => void
}

/**
 * Copies a manifest or index to another repository, byte for byte, with everything below it and with what refers to it
 * or to a part of it (signatures, attestations), by digest: nothing is tagged. What is there already is not sent again;
 * within one registry blobs are mounted. Blobs go from one connection to the other and are never held whole. What refers to the
 * image and is none itself is left out.
 * @returns the top, as both repositories have it now.
 * @throws TagboatError `source-missing` when the source lacks something, and those of the registry client.
 */
export async function copyImage(request: CopyRequest): Promise<ManifestContent> {
  const {digest, source, destination} = request
  const top = await readManifest(digest, source)
  if (formatRepository(source.repository) === formatRepository(destination.repository)) return top
  await copyWithReferrers(await treeBelow(top, source), {...request, copied: new Set([digest])})
  return top
}

interface Copying extends CopyRequest {
  /** Tops that were copied or are being copied. */
  readonly copied: Set<Digest>
}

/** Referrers have referrers themselves: a signature may be one of an attestation. */
async function copyWithReferrers(tree: ImageTree, copying: Copying): Promise<void> {
  const {source, destination, copied} = copying
  await sendTree(tree, source, destination)
  await forEachBounded(tree.levels.flat(), manifestsAtOnce, async (subject) => {
    const referrers: ManifestContent[] = []
    for (const {digest} of await source.referrers(subject.digest)) {
      if (copied.has(digest)) continue
      copied.add(digest)
      const referrer = await referrerTree(digest, copying)
      if (referrer === undefined) continue
      await copyWithReferrers(referrer, copying)
      referrers.push(referrer.top)
    }
    if (referrers.length > 0) await enlistReferrers(subject.digest, referrers, destination)
  })
}

async function treeBelow(top: ManifestContent, source: RepositoryClient): Promise<ImageTree> {
  return readTree(
    top,
    async ({digest}) => readManifest(digest, source),
    (content) => {
      requireKnownDigests(content, source)
      return unreadable(content, source)
    },
  )
}

/** Undefined: it is left out. */
async function referrerTree(digest: Digest, {source, onLeftOut}: Copying): Promise<ImageTree | undefined> {
  const top = await source.manifest(digest)
  // The list of a fallback tag may still name what was deleted.
  if (top === undefined) return undefined
  try {
    return await treeBelow(top, source)
  } catch (error) {
    if (!(error instanceof TagboatError) || error.code !== 'source-missing') throw error
    const name = `${formatRepository(source.repository)}@${digest}`
    onLeftOut(`${name} refers to the image and is not copied with it: ${error.evidence.join('; ')}`)
    return undefined
  }
}

/**
 * A manifest that is there has its blobs, which a registry asks for before it takes it; what an index lists is looked for
 * one by one, because a registry may hold an index without some of its images
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests).
 */
async function sendTree(tree: ImageTree, source: RepositoryClient, destination: RepositoryClient): Promise<void> {
  const {levels} = tree
  const there = new Set<Digest>()
  await forEachBounded(levels.flat(), manifestsAtOnce, async ({digest}) => {
    if ((await destination.head(digest)) !== undefined) there.add(digest)
  })
  const missing = levels.map((level) => level.filter(({digest}) => !there.has(digest)))
  const from = source.repository.host === destination.repository.host ? source.repository : undefined
  await forEachBounded(blobsOf(tree, missing.flat()), blobsAtOnce, async (blob) =>
    sendBlob(blob, destination, (opened) => source.readBlob(opened), from),
  )
  await sendManifests(missing, destination)
}

async function readManifest(digest: Digest, source: RepositoryClient): Promise<ManifestContent> {
  const content = await source.manifest(digest)
  if (content !== undefined) return content
  throw new TagboatError('source-missing', {
    evidence: [`${formatRepository(source.repository)} does not hold ${digest}`],
  })
}

/** @throws TagboatError `source-missing` when a part of this manifest or index is named by a digest that cannot be checked. */
export function requireKnownDigests({digest, bytes}: ManifestContent, {repository}: RepositoryClient): void {
  const algorithm = foreignAlgorithm(bytes)
  if (algorithm === undefined) return
  throw new TagboatError('source-missing', {
    message: 'A part of the image has a digest that Tagboat cannot check.',
    evidence: [`${formatRepository(repository)}@${digest} names a part by its ${algorithm}`],
    remedy: 'Build the image with digests of SHA-256, which every builder and registry has.',
  })
}

function unreadable({digest, mediaType}: ManifestContent, {repository}: RepositoryClient): TagboatError {
  return new TagboatError('source-missing', {
    message: 'What is to be copied is no OCI or Docker image.',
    evidence: [`${formatRepository(repository)}@${digest} is of the type ${mediaType}`],
    remedy: 'Name the digest of an image or an index; images of Docker schema 1 have to be built again.',
  })
}
