import {TagboatError} from '../../errors/error.ts'
import type {Digest} from '../../oci/digest.ts'
import {foreignAlgorithm, subjectOf, type ManifestContent} from '../../oci/manifest.ts'
import {formatRepository, isSameRepository} from '../../oci/reference.ts'
import {forEachBounded} from '../limit.ts'
import {blobsOf, manifestsAtOnce, maxIndexLevels, maxManifests, readTree, type ImageTree} from './image-tree.ts'
import {enlistReferrers} from '../signatures/enlist-referrers.ts'
import {signatureTags, tagSignatures} from '../signatures/tag-signatures.ts'
import type {RepositoryClient} from '../repository-client.ts'
import {blobsAtOnce, sendBlob, sendManifests} from './send.ts'

/** Image to copy, and its repositories. */
interface CopyRequest {
  readonly digest: Digest
  readonly source: RepositoryClient
  readonly destination: RepositoryClient
  /** Called once, with a line for each signature, attestation or other referrer that is not copied, and the reason. */
  readonly onLeftOut: (lines: string) => void
  /** Called once with the signatures and attestations that the destination has from the source, if there are any. */
  readonly onCopied?: (copied: CopiedSignatures) => unknown
}

/** Numbers of manifests with signatures, attestations and other referrers that came with an image. */
export interface CopiedSignatures extends Pick<CopyRequest, 'source' | 'destination'> {
  readonly referrers: number
  /** Tags `sha256-<hex>.sig`, whose signatures contain the name of the source. */
  readonly signatureTags: number
}

/**
 * Copies a manifest or index to another repository, byte for byte, with all its parts and with the signatures and
 * attestations of each: referrers, and the tags `sha256-<hex>.sig`, `.att` and `.sbom` of cosign. The image is not
 * tagged. Existing content is not sent again; within one registry blobs are mounted. Blobs are streamed.
 * @returns the top manifest or index.
 * @throws TagboatError `source-missing` if the source lacks a part, and errors of the registry client.
 */
export async function copyImage(request: CopyRequest): Promise<ManifestContent> {
  const {digest, source, destination, onLeftOut} = request
  const top = await readManifest(digest, source)
  if (isSameRepository(source.repository, destination.repository)) return top
  const leftOut: string[] = []
  const copied = new Set([digest])
  const state = {
    source,
    destination,
    copied,
    blobs: new Map<Digest, Promise<void>>(),
    budget: {left: maxReferrers},
    left: leftOut,
    count: {referrers: 0, signatureTags: 0},
  }
  await copyWithSignatures(await treeBelow(top, source), state, 0)
  if (leftOut.length > 0) onLeftOut(leftOut.join('\n'))
  const {referrers, signatureTags: tags} = state.count
  if (referrers + tags > 0) request.onCopied?.({source, destination, ...state.count})
  return top
}

interface CopyState extends Pick<CopyRequest, 'source' | 'destination'> {
  /** Digests that were copied or are being copied. */
  readonly copied: Set<Digest>
  /**
   * Blobs that were sent or are being sent. Referrers share blobs, and a registry may refuse a manifest while one of its
   * blobs is written again.
   */
  readonly blobs: Map<Digest, Promise<void>>
  /** Number of further manifests that may be read. */
  readonly budget: {left: number}
  /** Line for each part that is not copied. */
  readonly left: string[]
  readonly count: {referrers: number; signatureTags: number}
}

/** Levels of referrers: a signature may refer to an attestation, which may refer to an SBOM. */
const maxLevels = 8
/** Limit of the referrers of one image and its platforms. */
const maxReferrers = 2000

async function copyWithSignatures(tree: ImageTree, copying: CopyState, level: number): Promise<void> {
  await sendTree(tree, copying)
  await forEachBounded(tree.levels.flat(), manifestsAtOnce, async ({digest}) => {
    const step = {subject: digest, level: level + 1}
    await Promise.all([
      copyReferrers(step, copying),
      ...signatureTags(digest).map(async (tag) => copySignatures(tag, step, copying)),
    ])
  })
}

interface Step {
  /** Digest that the copied manifest refers to. */
  readonly subject: Digest
  readonly level: number
}

async function copyReferrers(step: Step, copying: CopyState): Promise<void> {
  const {source, destination, left} = copying
  const {subject} = step
  const referrers: ManifestContent[] = []
  for (const digest of new Set((await source.referrers(subject)).map((one) => one.digest))) {
    if (digest === subject) continue
    if (!spend(1, copying)) break
    const content = await source.manifest(digest)
    // A fallback tag may list deleted manifests.
    if (content === undefined) continue
    if (subjectOf(content.bytes) !== subject) {
      left.push(
        `${formatRepository(source.repository)}@${digest} is listed as a referrer of ${subject}, but does not refer to it`,
      )
    } else if (await copyOne(content, step, copying)) {
      referrers.push(content)
      copying.count.referrers += 1
    }
  }
  const unlisted = referrers.length > 0 ? await enlistReferrers(subject, referrers, destination) : undefined
  if (unlisted !== undefined) left.push(unlisted.reason)
}

/** Reserves manifests in the budget. False if it is exhausted, which is reported once. */
function spend(manifests: number, {budget, left, source}: CopyState): boolean {
  if (budget.left <= 0) return false
  budget.left -= manifests
  if (budget.left > 0) return true
  const name = formatRepository(source.repository)
  left.push(`${name} has more than ${maxReferrers} referrers of this image: the rest is not copied`)
  return false
}

/**
 * Copies the signatures under a tag. It is read by GET, since a `HEAD` with 404 would be followed by a `GET` anyway.
 */
async function copySignatures(tag: string, step: Step, copying: CopyState): Promise<void> {
  const {source, destination, left} = copying
  const content = await source.manifest(tag)
  if (content === undefined || !(await copyOne(content, step, copying))) return
  const reason = await tagSignatures(tag, content, destination)
  if (reason !== undefined) left.push(reason)
  else if (tag.endsWith('.sig')) copying.count.signatureTags += 1
}

/** Copies a manifest that refers to a subject. Reports whether it was copied; if not, the reason is recorded. */
async function copyOne(top: ManifestContent, {subject, level}: Step, copying: CopyState): Promise<boolean> {
  const {source, copied, left} = copying
  const name = `${formatRepository(source.repository)}@${top.digest}`
  const leaveOut = (reason: string): false => {
    left.push(`${name} refers to ${level === 1 ? 'the image' : subject}, but is not copied: ${reason}`)
    return false
  }
  if (level > maxLevels) return leaveOut(`it is a referrer at level ${maxLevels + 1}`)
  const isKnown = copied.has(top.digest)
  copied.add(top.digest)
  try {
    const tree = await treeBelow(top, source)
    if (!spend(tree.levels.flat().length, copying)) return false
    // An SBOM may have several tags. A concurrent copy is not awaited: it may wait for this one.
    await (isKnown ? sendTree(tree, copying) : copyWithSignatures(tree, copying, level))
    return true
  } catch (error) {
    if (!(error instanceof TagboatError) || error.code !== 'source-missing') throw error
    return leaveOut(error.evidence.join('; '))
  }
}

async function treeBelow(top: ManifestContent, source: RepositoryClient): Promise<ImageTree> {
  return readTree(
    top,
    async ({digest}) => readManifest(digest, source),
    (content, reason) => {
      requireKnownDigests(content, source)
      return unreadable(content, source, reason)
    },
  )
}

/**
 * Sends missing manifests and blobs. An existing manifest has its blobs, which a registry requires before the push. The
 * entries of an existing index are checked one by one, since a registry may have an index without some of its images
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests).
 */
async function sendTree(
  tree: ImageTree,
  {source, destination, blobs: sent}: Pick<CopyState, 'source' | 'destination' | 'blobs'>,
): Promise<void> {
  const {levels} = tree
  const existing = new Set<Digest>()
  await forEachBounded(levels.flat(), manifestsAtOnce, async ({digest}) => {
    if ((await destination.head(digest)) !== undefined) existing.add(digest)
  })
  const missing = levels.map((level) => level.filter(({digest}) => !existing.has(digest)))
  const from = source.repository.host === destination.repository.host ? source.repository : undefined
  const blobs = blobsOf(tree, missing.flat())
  destination.expectBlobs(blobs)
  await forEachBounded(blobs, blobsAtOnce, async (blob) => {
    const sending =
      sent.get(blob.digest) ??
      sendBlob(blob, destination, (opened) => source.readBlob(opened, {freesChunks: true}), from)
    sent.set(blob.digest, sending)
    await sending
  })
  await sendManifests(missing, destination)
}

async function readManifest(digest: Digest, source: RepositoryClient): Promise<ManifestContent> {
  const content = await source.manifest(digest)
  if (content !== undefined) return content
  throw new TagboatError('source-missing', {
    evidence: [`${formatRepository(source.repository)} does not have ${digest}`],
  })
}

/** @throws TagboatError `source-missing` if a part of this manifest or index has an unsupported digest. */
export function requireKnownDigests({digest, bytes}: ManifestContent, {repository}: RepositoryClient): void {
  const algorithm = foreignAlgorithm(bytes)
  if (algorithm === undefined) return
  throw new TagboatError('source-missing', {
    message: 'A part of the image has an unsupported digest.',
    evidence: [`${formatRepository(repository)}@${digest} has a digest of ${algorithm}`],
    remedy: 'Build the image with SHA-256 digests, which all builders and registries support.',
  })
}

function unreadable(
  {digest, mediaType}: ManifestContent,
  {repository}: RepositoryClient,
  reason: 'unreadable' | 'too large',
): TagboatError {
  const name = `${formatRepository(repository)}@${digest}`
  if (reason === 'too large') {
    return new TagboatError('source-missing', {
      message: 'The image to copy has too many parts.',
      evidence: [`${name} lists more than ${maxManifests} manifests, or indexes in more than ${maxIndexLevels} levels`],
      remedy: 'Set the digest of an image or an index.',
    })
  }
  return new TagboatError('source-missing', {
    message: 'The content to copy is not an OCI or Docker image.',
    evidence: [`${name} has the media type ${mediaType}`],
    remedy: 'Set the digest of an image or an index. Images of Docker schema 1 must be built again.',
  })
}
