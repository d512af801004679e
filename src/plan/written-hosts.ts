import {callBuilds} from '../inputs/call.ts'
import type {BuildInputs} from '../inputs/inputs.ts'
import {parseAttributes} from '../inputs/syntax/attributes.ts'
import {parseRepository} from '../oci/reference.ts'
import {requiredPart} from './best-effort.ts'
import {repositoriesOf, type Plan} from './plan.ts'

/** Registries that a run must write to: those of its required tags, and those of the caches in `cache-to`. Each is listed once. */
export function writtenHosts(
  plan: Pick<Plan, 'push' | 'tags' | 'skip' | 'bestEffort'>,
  build: Pick<BuildInputs, 'cacheTo' | 'call'>,
): readonly string[] {
  const caches = plan.skip === undefined && callBuilds(build.call) ? build.cacheTo.flatMap(cacheHost) : []
  return [...new Set([...repositoriesOf(requiredPart(plan)).map(({host}) => host), ...caches])]
}

/** Registry of a cache. A cache whose errors are ignored does not need one. */
function cacheHost(cache: string): readonly string[] {
  const parsed = parseAttributes(cache)
  if (!parsed.ok) return []
  const valueOf = (name: string): string | undefined =>
    parsed.attributes.find((attribute) => attribute.name?.toLowerCase() === name)?.value
  // Without a type, Buildx reads a reference.
  const [word] = parsed.attributes
  const reference = word?.name === undefined ? word?.value : valueOf('type') === 'registry' ? valueOf('ref') : undefined
  if (reference === undefined || valueOf('ignore-error') === 'true') return []
  const repository = parseRepository(reference.replace(/@.*$/s, '').replace(/:[^:/]*$/, ''))
  return repository.ok ? [repository.value.host] : []
}
