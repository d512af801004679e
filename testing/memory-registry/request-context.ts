import type {RepositoryStore, Store} from './store.ts'
import type {IncomingRequest, MemoryRegistryOptions} from './types.ts'

/** Request for one repository, with everything that its answer depends on. */
export interface RequestContext {
  readonly request: IncomingRequest
  readonly options: MemoryRegistryOptions
  readonly store: Store
  readonly name: string
  /** Repository, or undefined until the first write. */
  readonly repository: RepositoryStore | undefined
}

/** Address for the headers `Location` and `Link`. */
export function addressOf({request, options}: RequestContext, path: string): string {
  return options.locations === 'relative' ? path : `${request.origin}${path}`
}
