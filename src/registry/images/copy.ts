import {TagboatError} from '../../errors/error.ts'
import type {Digest} from '../../oci/digest.ts'
import {foreignAlgorithm, subjectOf, type ManifestContent} from '../../oci/manifest.ts'
import {formatRepository} from '../../oci/reference.ts'
import {forEachBounded} from '../limit.ts'
import {blobsOf, manifestsAtOnce, maxIndexLevels, maxManifests, readTree, type ImageTree} from './image-tree.ts'
import {signatureTags, tagSignatures} from './copy-signatures.ts'
import {enlistReferrers} from './enlist-referrers.ts'
import type {RepositoryClient} from '../repository-client.ts'
import {blobsAtOnce, sendBlob, sendManifests} from './send.ts'

export interface CopyRequest {
  readonly digest: Digest
  readonly source: RepositoryClient
  readonly destination: RepositoryClient
  /** Called once, with a line for each signature, attestation or other referrer that stays behind, and why. */
  readonly onLeftOut: (lines: string) => void
}

/**
 * Copies a manifest or index to another repository, byte for byte, with everything below it and with the signatures and
 * attestations of it and of each of its parts: what refers to them, and what cosign keeps under their tags
 * `sha256-<hex>.sig`, `.att` and `.sbom`. The image itself is not tagged. What is there already is not sent again; within one
 * registry blobs are mounted. Blobs go from one connection to the other and are never held whole.
 * @returns the top, as both repositories have it now.
 * @throws TagboatError `source-missing` when the source lacks something, and those of the registry client.
 */
export async function copyImage(request: CopyRequest): Promise<ManifestContent> {
  const {digest, source, destination, onLeftOut} = request
  const top = await readManifest(digest, source)
  if (formatRepository(source.repository) === formatRepository(destination.repository)) return top
  const leftOut: string[] = []
  const state = {source, destination, copied: new Set([digest]), budget: {left: maxReferrers}, left: leftOut}
  await copyWithSignatures(await treeBelow(top, source), state, 0)
  if (leftOut.length > 0) onLeftOut(leftOut.join('\n'))
  return top
}

interface CopyState extends Pick<CopyRequest, 'source' | 'destination'> {
  /** Tops that were copied or are being copied. */
  readonly copied: Set<Digest>
  /** How many manifests more may be looked at. */
  readonly budget: {left: number}
  /** A line for each part that stays behind. */
  readonly left: string[]
}

/** Referrers have referrers themselves: a signature may be one of an attestation, which may be one of an SBOM. */
const maxLevels = 8
/** Signatures, attestations and the like of one image and its platforms. */
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
  /** What the copied manifest belongs to. */
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
    // The list of a fallback tag may still name what was deleted.
    if (content === undefined) continue
    if (subjectOf(content.bytes) !== subject) {
      left.push(`${formatRepository(source.repository)}@${digest} is listed as a referrer of ${subject}, and is none`)
    } else if (await copyOne(content, step, copying)) {
      referrers.push(content)
    }
  }
  const reason = referrers.length > 0 ? await enlistReferrers(subject, referrers, destination) : undefined
  if (reason !== undefined) left.push(reason)
}

/** False: the rest stays behind, which is noted once. */
function spend(manifests: number, {budget, left, source}: CopyState): boolean {
  if (budget.left <= 0) return false
  budget.left -= manifests
  if (budget.left > 0) return true
  const name = formatRepository(source.repository)
  left.push(
    `${name} has more than ${maxReferrers} signatures, attestations and the like of this image: the rest stays behind`,
  )
  return false
}

/** What a tag made of the digest holds. It is read at once: a `HEAD` that finds nothing would be followed by a `GET`. */
async function copySignatures(tag: string, step: Step, copying: CopyState): Promise<void> {
  const {source, destination, left} = copying
  const content = await source.manifest(tag)
  if (content === undefined || !(await copyOne(content, step, copying))) return
  const reason = await tagSignatures(tag, content, destination)
  if (reason !== undefined) left.push(reason)
}

/** Whether it was copied; if not, it is noted as left out. */
async function copyOne(top: ManifestContent, {subject, level}: Step, copying: CopyState): Promise<boolean> {
  const {source, copied, left} = copying
  const name = `${formatRepository(source.repository)}@${top.digest}`
  const leaveOut = (reason: string): false => {
    left.push(`${name} refers to ${level === 1 ? 'the image' : subject} and is not copied with it: ${reason}`)
    return false
  }
  if (level > maxLevels) return leaveOut(`it is the ${maxLevels + 1}th in a row of referrers`)
  const isKnown = copied.has(top.digest)
  copied.add(top.digest)
  try {
    const tree = await treeBelow(top, source)
    if (!spend(tree.levels.flat().length, copying)) return false
    // One SBOM may be under several tags. What another branch is copying is not waited for: it may wait for this one.
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
 * A manifest that is there has its blobs, which a registry asks for before it takes it; what an index lists is looked for
 * one by one, because a registry may hold an index without some of its images
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests).
 */
async function sendTree(
  tree: ImageTree,
  {source, destination}: Pick<CopyState, 'source' | 'destination'>,
): Promise<void> {
  const {levels} = tree
  const existing = new Set<Digest>()
  await forEachBounded(levels.flat(), manifestsAtOnce, async ({digest}) => {
    if ((await destination.head(digest)) !== undefined) existing.add(digest)
  })
  const missing = levels.map((level) => level.filter(({digest}) => !existing.has(digest)))
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

function unreadable(
  {digest, mediaType}: ManifestContent,
  {repository}: RepositoryClient,
  reason: 'unreadable' | 'too large',
): TagboatError {
  const name = `${formatRepository(repository)}@${digest}`
  if (reason === 'too large') {
    return new TagboatError('source-missing', {
      message: 'What is to be copied has more parts than an image has.',
      evidence: [`${name} lists more than ${maxManifests} manifests, or indexes in more than ${maxIndexLevels} levels`],
      remedy: 'Name the digest of an image or an index.',
    })
  }
  return new TagboatError('source-missing', {
    message: 'What is to be copied is no OCI or Docker image.',
    evidence: [`${name} is of the type ${mediaType}`],
    remedy: 'Name the digest of an image or an index; images of Docker schema 1 have to be built again.',
  })
}
