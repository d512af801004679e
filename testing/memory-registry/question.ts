import type {RepositoryStore, Store} from './store.ts'
import type {IncomingRequest, MemoryRegistryOptions} from './types.ts'

/** A request about one repository, and all that is needed to answer it. */
export interface Question {
  readonly request: IncomingRequest
  readonly options: MemoryRegistryOptions
  readonly store: Store
  readonly name: string
  /** Undefined while nothing was written to it. */
  readonly repository: RepositoryStore | undefined
}

/** An address of this registry as its answers give it. */
export function located({request, options}: Question, path: string): string {
  return options.locations === 'relative' ? path : `${request.origin}${path}`
}
