import {brokenImages, type BrokenImage} from './broken-images.ts'
import type {DeletionStep} from './deletion-step.ts'
import {manifestGraph} from './graph.ts'
import {levelsOf, sortSteps} from './order.ts'
import {closureOf, keepFrom, type Root} from './reach.ts'
import type {RepositoryContent} from './repository-content.ts'
import {chosenDigests, rootsOf, type RootSources} from './roots.ts'
import {freedBytes} from './sizes.ts'
import {tagFates, untaggedVerdicts} from './tag-fates.ts'
import type {RetentionDecision} from './tag-decision.ts'

interface DeletionRequest {
  readonly content: RepositoryContent
  readonly decisions: readonly RetentionDecision[]
  /**
   * Digests that stay with all their tags and all that they need, whatever was decided: those that the user protects, and
   * those that the registry refused to delete.
   */
  readonly keptBesides: ReadonlySet<string>
  /** Whether the registry deletes the contents of an image with it, as in `ImageStore`. */
  readonly deletesChildren?: boolean | undefined
}

/** Deletions in a repository, and everything that stays. */
export interface DeletionPlan {
  /** Steps by level; in a level, the oldest images first, then tags, then referrers whose subject does not exist. */
  readonly steps: readonly DeletionStep[]
  /** Digests that stay, with the root that needs each: itself, or another one. */
  readonly kept: ReadonlyMap<string, Root>
  /**
   * Digests that nothing needs any more, but that this run does not delete: where manifests without a tag are not listed, or
   * one of them cannot be read, an unknown index may need them.
   */
  readonly left: readonly string[]
  /** Sizes of the blobs that only deleted and left manifests name, by the image that the decisions delete. */
  readonly freedBytes: ReadonlyMap<string, number>
  /** Sum of `freedBytes`. */
  readonly bytes: number
  /** Images that stay, and of which a part does not exist. */
  readonly broken: readonly BrokenImage[]
  /** Manifests that a root needs, and that cannot be read. If there are any, nothing is deleted. */
  readonly unreadable: readonly UnreadableManifest[]
}

interface UnreadableManifest {
  readonly digest: string
  readonly reason: string
  readonly root: Root
}

/**
 * Plans the deletion of everything that the decisions delete, and of what belongs to it. Nothing goes that a root needs.
 * Roots are the digests of kept tags, `keptBesides`, and everything that was not decided or cannot be read. After any step,
 * each tag that exists still has all that belongs to it.
 */
export function planDeletion(request: DeletionRequest): DeletionPlan {
  const {content, keptBesides, deletesChildren = false} = request
  const plan = planOnce(request)
  const endangering = deletesChildren ? parentsOfKept(plan, content) : []
  if (endangering.length === 0) return plan
  return planDeletion({...request, keptBesides: new Set([...keptBesides, ...endangering])})
}

/** Deleted parents of manifests that stay, and that neither a tag nor another parent would protect. */
function parentsOfKept({steps, kept}: DeletionPlan, content: RepositoryContent): readonly string[] {
  const {parents, tagsOf} = manifestGraph(content)
  const deleted = new Set(steps.flatMap((step) => (step.kind === 'image' ? [step.digest] : [])))
  return [...kept.keys()].flatMap((digest) => {
    const containing = parents.get(digest) ?? []
    const isProtected = tagsOf.has(digest) || containing.some((parent) => kept.has(parent))
    return isProtected ? [] : containing.filter((parent) => deleted.has(parent))
  })
}

function planOnce({content, decisions, keptBesides}: DeletionRequest): DeletionPlan {
  const {manifests} = content
  const graph = manifestGraph(content)
  const isCertain = content.isComplete && [...manifests.values()].every(({kind}) => kind !== 'unreadable')
  const fates = tagFates(decisions, {content, graph, isCertain})
  const sources: RootSources = {content, graph, fates, untagged: untaggedVerdicts(decisions, graph), keptBesides}
  const chosen = chosenDigests(sources)
  const below = closureOf(graph, chosen)
  const reached = new Map<string, Root>()
  for (const root of rootsOf(sources, below)) keepFrom(root, graph, reached)
  const unreadable = unreadableOf(content, reached)
  const isStored = (digest: string): boolean => ['read', 'unreadable'].includes(manifests.get(digest)?.kind ?? '')
  const isRefused = unreadable.length > 0
  const going = [...below].filter((digest) => isStored(digest) && !reached.has(digest))
  const doomed = new Set(isRefused ? [] : going.sort())
  const steps = isRefused ? [] : stepsOf(sources, doomed, isCertain)
  const freed = freedBytes({tops: chosen, doomed, content, graph})
  return {
    steps: sortSteps(steps, content, decisions),
    kept: new Map([...reached].filter(([digest]) => isStored(digest))),
    left: [...doomed].filter((digest) => !isCertain && !graph.tagsOf.has(digest)),
    freedBytes: freed,
    bytes: [...freed.values()].reduce((sum, size) => sum + size, 0),
    broken: brokenImages(content, graph).filter(({digest}) => reached.has(digest)),
    unreadable,
  }
}

function unreadableOf({manifests}: RepositoryContent, kept: ReadonlyMap<string, Root>): readonly UnreadableManifest[] {
  return [...kept].flatMap(([digest, root]) => {
    const read = manifests.get(digest)
    if (read?.kind !== 'unreadable' || root.cause.kind === 'unreadable') return []
    return [{digest, reason: read.reason, root}]
  })
}

function stepsOf(
  {content, graph, fates, keptBesides}: RootSources,
  doomed: ReadonlySet<string>,
  isCertain: boolean,
): readonly DeletionStep[] {
  const levels = levelsOf(doomed, graph)
  const images = [...doomed]
    .filter((digest) => isCertain || graph.tagsOf.has(digest))
    .map((digest): DeletionStep => {
      return {kind: 'image', digest, tags: graph.tagsOf.get(digest) ?? [], level: levels.get(digest) ?? 0}
    })
  const tags = [...content.tags].flatMap(([tag, digest]): DeletionStep[] => {
    const fate = fates.get(tag)
    const isUntouched = keptBesides.has(digest) || content.locked.has(digest) || doomed.has(digest)
    if (isUntouched || content.manifests.get(digest)?.kind !== 'read') return []
    if (fate === undefined || fate.kind === 'keep') return []
    if (fate.kind === 'delete') return [{kind: 'tag', tag, digest, level: 0}]
    const level = levels.get(fate.subject)
    return level === undefined ? [] : [{kind: 'tag', tag, digest, level: level + 1}]
  })
  return [...images, ...tags]
}
