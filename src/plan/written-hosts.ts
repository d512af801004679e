import {callBuilds} from '../inputs/call.ts'
import type {BuildInputs} from '../inputs/inputs.ts'
import {parseAttributes} from '../inputs/syntax/attributes.ts'
import {parseRepository, type Repository} from '../oci/reference.ts'
import {requiredPart} from './best-effort.ts'
import {repositoriesOf, type Plan} from './plan.ts'

/** Registries that a run must write to: those of its required tags, and those of the caches in `cache-to`. Each is listed once. */
export function writtenHosts(
  plan: Pick<Plan, 'push' | 'tags' | 'skip' | 'bestEffort'>,
  build: Pick<BuildInputs, 'cacheTo' | 'call'>,
): readonly string[] {
  // A cache whose errors are ignored does not need its registry.
  const caches = plan.skip === undefined ? writtenCaches(build).filter(({isRequired}) => isRequired) : []
  const repositories = [...repositoriesOf(requiredPart(plan)), ...caches.map(({repository}) => repository)]
  return [...new Set(repositories.map(({host}) => host))]
}

/** Repository that a build writes a cache to. */
interface WrittenCache {
  readonly repository: Repository
  /** Whether the build fails if it cannot write the cache. */
  readonly isRequired: boolean
}

/** Repositories of the caches in `cache-to`. */
export function writtenCaches({cacheTo, call}: Pick<BuildInputs, 'cacheTo' | 'call'>): readonly WrittenCache[] {
  return callBuilds(call) ? cacheTo.flatMap(writtenCache) : []
}

function writtenCache(cache: string): readonly WrittenCache[] {
  const parsed = parseAttributes(cache)
  if (!parsed.ok) return []
  const valueOf = (name: string): string | undefined =>
    parsed.attributes.find((attribute) => attribute.name?.toLowerCase() === name)?.value
  // Without a type, Buildx reads a reference.
  const [word] = parsed.attributes
  const reference = word?.name === undefined ? word?.value : valueOf('type') === 'registry' ? valueOf('ref') : undefined
  if (reference === undefined) return []
  const repository = parseRepository(reference.replace(/@.*$/s, '').replace(/:[^:/]*$/, ''))
  return repository.ok ? [{repository: repository.value, isRequired: valueOf('ignore-error') !== 'true'}] : []
}
