import type {HostClient} from '../../registry/host-client.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {HostTraits} from './host-traits.ts'
import type {TagGlance} from './tag-glance.ts'

/** Repository of tags to remove, and the traits of its registry. */
export interface TagPlace {
  readonly client: RepositoryClient
  readonly host: HostClient
  readonly traits: HostTraits
  readonly glance: TagGlance
}

/** Tag to remove, and the digest that it must point to. */
export interface RemovedTag {
  readonly tag: string
  readonly digest: string
}
