import type {DeletionStep} from './deletion-step.ts'
import type {ManifestGraph} from './graph.ts'
import {closureOf} from './reach.ts'
import type {RepositoryContent} from './repository-content.ts'
import type {RetentionDecision} from './tag-decision.ts'

/**
 * Level of each manifest to delete: greater than the level of each index that lists it, and of its subject. So whenever the
 * deletion stops after a step, everything that still exists has all that belonged to it. A referrer that contains its own
 * subject does not wait for it.
 */
export function levelsOf(doomed: ReadonlySet<string>, graph: ManifestGraph): ReadonlyMap<string, number> {
  const next = new Map([...doomed].map((digest) => [digest, followers(digest, doomed, graph)]))
  const waiting = new Map<string, number>()
  for (const digest of [...next.values()].flat()) waiting.set(digest, (waiting.get(digest) ?? 0) + 1)
  const levels = new Map<string, number>()
  let wave = [...doomed].filter((digest) => !waiting.has(digest))
  for (let level = 0; wave.length > 0; level += 1) {
    for (const digest of wave) levels.set(digest, level)
    const released: string[] = []
    for (const digest of wave.flatMap((one) => next.get(one) ?? [])) {
      const left = (waiting.get(digest) ?? 0) - 1
      waiting.set(digest, left)
      if (left === 0) released.push(digest)
    }
    wave = released
  }
  return levels
}

/** Manifests that are deleted after this one. */
function followers(digest: string, doomed: ReadonlySet<string>, graph: ManifestGraph): readonly string[] {
  const {children, referrers, taggedReferrers} = graph
  const referring = [referrers, taggedReferrers]
    .flatMap((links) => links.get(digest) ?? [])
    .filter((referrer) => doomed.has(referrer) && !closureOf(graph, [referrer]).has(digest))
  const contained = (children.get(digest) ?? []).filter((child) => doomed.has(child))
  return [...new Set([...contained, ...referring])]
}

/** Sorts steps by level; in a level, the oldest images first, then tags, then referrers whose subject does not exist. */
export function sortSteps(
  steps: readonly DeletionStep[],
  content: RepositoryContent,
  decisions: readonly RetentionDecision[],
): readonly DeletionStep[] {
  const orphans = new Set(decisions.flatMap((one) => (one.class === 'orphan' ? [one.digest] : [])))
  const sorted = steps.map((step) => {
    const rank = step.kind === 'tag' ? 1 : orphans.has(step.digest) ? 2 : 0
    return {step, numbers: [step.level, rank, statedTime(step.digest, content)], text: `${tagIn(step)}${step.digest}`}
  })
  sorted.sort((one, other) => {
    const differences = one.numbers.map((number, index) => number - (other.numbers[index] ?? 0))
    return differences.find((difference) => difference !== 0) ?? (one.text < other.text ? -1 : 1)
  })
  return sorted.map(({step}) => step)
}

function tagIn(step: DeletionStep): string {
  return step.kind === 'tag' ? step.tag : ''
}

/** Time that the registry or the image states, in ms. An image without one is deleted last. */
function statedTime(digest: string, {pushedAt, manifests}: RepositoryContent): number {
  const read = manifests.get(digest)
  const configuredAt = read?.kind === 'read' ? read.manifest.configuredAt : undefined
  return (pushedAt.get(digest) ?? configuredAt)?.getTime() ?? Number.MAX_SAFE_INTEGER
}
