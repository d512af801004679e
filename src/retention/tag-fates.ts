import type {ManifestGraph} from './graph.ts'
import type {RepositoryContent} from './repository-content.ts'
import type {RetentionDecision} from './tag-decision.ts'

/**
 * Fate of a tag. `keep` may name a subject that stays with the tag. `follow`: the tag is for the referrers of a subject, and
 * goes when that is deleted.
 */
export type TagFate =
  | {readonly kind: 'keep'; readonly subject?: string}
  | {readonly kind: 'delete'}
  | {readonly kind: 'follow'; readonly subject: string}

/**
 * Fate of each tag. A tag without a decision stays, as does one that points to another digest than the decision says, and
 * one with two decisions if one of them keeps it.
 *
 * A tag for the referrers of an existing manifest follows it. If a decision keeps it for another reason, the manifest stays
 * too. Where the content is not certain, manifests without a tag are not deleted, so the tags for their referrers stay.
 */
export function tagFates(
  decisions: readonly RetentionDecision[],
  {content, graph, isCertain}: {content: RepositoryContent; graph: ManifestGraph; isCertain: boolean},
): ReadonlyMap<string, TagFate> {
  const byTag = Map.groupBy(decisions, ({tag}) => tag)
  const fates = [...content.tags].map(([tag, digest]): [string, TagFate] => {
    const own = (byTag.get(tag) ?? []).filter((decision) => decision.digest === digest)
    const subject = graph.taggedSubjects.get(tag)
    if (subject === undefined) return [tag, {kind: isDeleted(own) ? 'delete' : 'keep'}]
    const isKept = own.some(({verdict, reason}) => verdict === 'keep' && reason.code !== 'follows-subject')
    if (isKept) return [tag, {kind: 'keep', subject}]
    return [tag, isCertain || graph.tagsOf.has(subject) ? {kind: 'follow', subject} : {kind: 'keep'}]
  })
  return new Map(fates)
}

function isDeleted(decisions: readonly RetentionDecision[]): boolean {
  return decisions.length > 0 && decisions.every(({verdict}) => verdict === 'delete')
}

/** Verdict about each image without a tag that was decided. */
export function untaggedVerdicts(
  decisions: readonly RetentionDecision[],
  {tagsOf}: ManifestGraph,
): ReadonlyMap<string, RetentionDecision['verdict']> {
  const untagged = decisions.filter(({tag, digest}) => tag === undefined && !tagsOf.has(digest))
  const byDigest = Map.groupBy(untagged, ({digest}) => digest)
  return new Map([...byDigest].map(([digest, own]) => [digest, isDeleted(own) ? 'delete' : 'keep']))
}
