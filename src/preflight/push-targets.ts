import type {BuildInputs} from '../inputs/inputs.ts'
import {isSameRepository} from '../oci/reference.ts'
import {repositoriesOf, type Plan} from '../plan/plan.ts'
import {writtenCaches} from '../plan/written-hosts.ts'
import {tagKind} from '../tags/tag-role.ts'
import type {PushTarget} from './check-pushes.ts'

/** Repositories that a run pushes its image to, each with its tags. */
export function imageTargets(plan: Pick<Plan, 'push' | 'tags'>): readonly PushTarget[] {
  return repositoriesOf(plan).map((repository) => {
    const tags = plan.tags.filter(({reference}) => isSameRepository(reference.repository, repository))
    const floating = tags.filter(({role}) => tagKind(role) === 'floating')
    return {
      repository,
      tags: tags.map(({reference}) => reference.tag),
      floating: floating.map(({reference}) => reference.tag),
    }
  })
}

/**
 * Repositories that a build writes to: those of the image, and those of the caches in `cache-to`. A cache of the input
 * `cache` is in a repository of the image.
 */
export function buildTargets(
  plan: Pick<Plan, 'push' | 'tags'>,
  build: Pick<BuildInputs, 'cacheTo' | 'call'>,
): readonly PushTarget[] {
  const caches = writtenCaches(build).map(({repository, isRequired}): PushTarget => {
    return {repository, tags: [], floating: [], cache: isRequired ? 'required' : 'optional'}
  })
  return distinct([...imageTargets(plan), ...caches])
}

/** First target of each repository: the image, whose tags count, comes before a cache. */
function distinct(targets: readonly PushTarget[]): readonly PushTarget[] {
  return targets.filter(
    ({repository}, index) => targets.findIndex((one) => isSameRepository(one.repository, repository)) === index,
  )
}
