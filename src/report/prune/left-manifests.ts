import {isGone} from '../../retention/deletion-step.ts'
import type {RepositoryContent} from '../../retention/repository-content.ts'
import type {JudgedRepository} from './prune-report.ts'

/**
 * Manifests without a tag that no image needs any more, and that only the registry itself removes. What an image needs that
 * was not deleted is not among them.
 */
export function leftManifests({plan, results = [], content}: JudgedRepository): readonly string[] {
  const kept = results.flatMap(({step, outcome}) => (step.kind === 'image' && !isGone(outcome) ? [step.digest] : []))
  const needed = closureOf(kept, content)
  return plan.left.filter((digest) => !needed.has(digest))
}

/** Manifests that these contain, and those that refer to them. */
function closureOf(digests: readonly string[], {manifests}: Pick<RepositoryContent, 'manifests'>): ReadonlySet<string> {
  const read = [...manifests.values()].flatMap((one) => (one.kind === 'read' ? [one.manifest] : []))
  const referrers = Map.groupBy(read, ({subject}) => subject)
  const found = new Set(digests)
  // A set also yields what is added to it meanwhile.
  for (const digest of found) {
    const one = manifests.get(digest)
    const children = one?.kind === 'read' ? one.manifest.children : []
    for (const next of [...children, ...(referrers.get(digest) ?? []).map((referrer) => referrer.digest)])
      found.add(next)
  }
  return found
}
