import {referrersTag, withoutKind} from '../../oci/referrers-tag.ts'
import type {ImageFacts} from '../../oci/image-facts.ts'
import {youngestDate} from '../ages.ts'
import {brokenImages} from '../broken-images.ts'
import {factsOf} from '../classes/image-statement.ts'
import type {ManifestGraph} from '../graph.ts'
import type {RepositoryContent} from '../repository-content.ts'
import type {ClassifiedTag, RetentionDecision} from '../tag-decision.ts'

/** Tag, or image without a tag, about which is decided. */
export interface Candidate
  extends
    Pick<RetentionDecision, 'tag' | 'digest' | 'class'>,
    Pick<ClassifiedTag, 'version' | 'affixes' | 'owner' | 'commit'> {
  readonly facts: ImageFacts
  /** Youngest date that is known, in milliseconds. */
  readonly date: number | undefined
  /** Whether an earlier run was stopped while it removed the tag (`copiedFor` in `untag-copy.ts`). */
  readonly isBeingRemoved: boolean
  /** Whether the image, or a part of it, does not exist or cannot be read. Such an image is none of the newest. */
  readonly isBroken: boolean
  /** Whether it is an orphan whose subject may be in another repository: there, nothing is missing. */
  readonly mayBeOfOther: boolean
}

/** Content of a repository, with the links and classes in it. */
export interface JudgedContent {
  readonly content: RepositoryContent
  readonly graph: ManifestGraph
  readonly classes: readonly ClassifiedTag[]
  readonly now: Date
}

type Undated = Omit<Candidate, 'facts' | 'date' | 'isBeingRemoved' | 'isBroken' | 'mayBeOfOther'>

/** Lists the tags and, where manifests are listed, the images without a tag that do not belong to another one. */
export function candidatesOf(judged: JudgedContent): readonly Candidate[] {
  const {content, graph, now} = judged
  const broken = new Set(brokenImages(content, graph).map(({digest}) => digest))
  return [...taggedOf(judged), ...untaggedOf(judged)].map((one) => ({
    ...one,
    facts: factsOf(content, one.digest),
    date: youngestDate(content, one, now),
    isBeingRemoved: isBeingRemoved(content, one),
    mayBeOfOther: mayBeOfOther(content, one),
    isBroken: broken.has(one.digest) || content.manifests.get(one.digest)?.kind !== 'read',
  }))
}

function isBeingRemoved({manifests}: RepositoryContent, {tag, digest}: Undated): boolean {
  const read = manifests.get(digest)
  return tag !== undefined && read?.kind === 'read' && read.manifest.copiedFor === tag
}

/** Types of the signatures, attestations and SBOMs of cosign, and of bundles of Sigstore. */
const cosignTypes = /^application\/vnd\.dev\.(?:cosign|sigstore)\./

/**
 * Reports whether an orphan may belong to an image of another repository: with `COSIGN_REPOSITORY`, cosign stores there what
 * it signs, under a tag for the image (cosign 2) or with the image as its subject (cosign 3).
 */
function mayBeOfOther({manifests}: RepositoryContent, {tag, digest, class: name}: Undated): boolean {
  if (name !== 'orphan') return false
  const read = manifests.get(digest)
  return tag !== undefined || (read?.kind === 'read' && cosignTypes.test(read.manifest.artifactType ?? ''))
}

/**
 * Tags with their classes. One for the referrers of an image is an orphan if the registry answered that it does not have that
 * image: a list may leave out archived and hidden ones.
 */
function taggedOf({content: {manifests}, graph, classes}: JudgedContent): readonly Undated[] {
  const missing = new Set(
    [...manifests].flatMap(([digest, {kind}]) => (kind === 'missing' ? [referrersTag(digest)] : [])),
  )
  return classes.map((one): Undated => {
    const isFollowing = one.class !== 'referrer' || graph.taggedSubjects.has(one.tag)
    return isFollowing || !missing.has(withoutKind(one.tag)) ? one : {...one, class: 'orphan'}
  })
}

function untaggedOf({content: {manifests, isComplete}, graph}: JudgedContent): readonly Undated[] {
  if (!isComplete) return []
  return [...manifests].flatMap(([digest, read]): Undated[] => {
    if (read.kind !== 'read' || graph.tagsOf.has(digest) || graph.parents.has(digest)) return []
    const {subject} = read.manifest
    if (subject === undefined) return [{tag: undefined, digest, class: 'untagged'}]
    const isGone = (manifests.get(subject)?.kind ?? 'missing') === 'missing'
    return isGone ? [{tag: undefined, digest, class: 'orphan'}] : []
  })
}
