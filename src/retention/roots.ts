import type {ManifestGraph} from './graph.ts'
import {cyclic, type Root, type RootCause} from './reach.ts'
import type {RepositoryContent} from './repository-content.ts'
import type {RetentionDecision} from './tag-decision.ts'
import type {TagFate} from './tag-fates.ts'

/** Everything that determines the roots. */
export interface RootSources {
  readonly content: RepositoryContent
  readonly graph: ManifestGraph
  readonly fates: ReadonlyMap<string, TagFate>
  readonly untagged: ReadonlyMap<string, RetentionDecision['verdict']>
  readonly keptBesides: ReadonlySet<string>
}

/** Digests that the decisions delete: all their tags go, or they have none. */
export function chosenDigests({content, graph, fates, untagged}: RootSources): readonly string[] {
  const tagged = [...graph.tagsOf].filter(([, tags]) => {
    const kinds = tags.map((tag) => fates.get(tag)?.kind)
    return !kinds.includes('keep') && kinds.includes('delete')
  })
  const bare = [...untagged].filter(([, verdict]) => verdict === 'delete')
  return [...tagged, ...bare]
    .map(([digest]) => digest)
    .filter((digest) => content.manifests.get(digest)?.kind === 'read')
}

/**
 * Lists the roots, those with the clearest cause first. `below` is the closure of the chosen digests: what is not in it was
 * not decided.
 */
export function rootsOf(sources: RootSources, below: ReadonlySet<string>): readonly Root[] {
  const {content, graph, fates, untagged, keptBesides} = sources
  const digests = [...content.manifests.keys()].sort()
  const rootsWhere = (kind: Exclude<RootCause['kind'], 'tag'>, stays: (digest: string) => boolean): readonly Root[] =>
    digests.filter(stays).map((digest) => ({digest, cause: {kind}}))
  const isRead = (digest: string): boolean => content.manifests.get(digest)?.kind === 'read'
  const cycles = cyclic(graph)
  const keptTags = [...content.tags.keys()].sort().flatMap((tag) => {
    const [fate, digest = ''] = [fates.get(tag), content.tags.get(tag)]
    const subjects = fate?.kind === 'keep' && fate.subject !== undefined ? [fate.subject] : []
    return fate?.kind === 'keep'
      ? [digest, ...subjects].map((one): Root => ({digest: one, cause: {kind: 'tag', tag}}))
      : []
  })
  return [
    ...keptTags,
    ...rootsWhere('besides', (digest) => keptBesides.has(digest)),
    ...rootsWhere('locked', (digest) => isRead(digest) && content.locked.has(digest)),
    ...rootsWhere('untagged', (digest) => isRead(digest) && untagged.get(digest) === 'keep'),
    ...rootsWhere('contains-itself', (digest) => isRead(digest) && cycles.has(digest)),
    ...rootsWhere('undecided', (digest) => isRead(digest) && !below.has(digest)),
    ...rootsWhere('unreadable', (digest) => content.manifests.get(digest)?.kind === 'unreadable'),
  ]
}
