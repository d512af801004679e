import type {Digest} from '../../oci/digest.ts'
import type {ImageFacts} from '../../oci/image-facts.ts'
import type {Repository, TagRef} from '../../oci/reference.ts'

/** How two commits lie to each other, seen from the one that a tag holds: https://docs.github.com/rest/commits/commits#compare-two-commits */
export type CommitRelation = 'ahead' | 'behind' | 'identical' | 'diverged' | 'unknown'

/** Digest that a tag points to, with the facts that its image states: in annotations, else in labels. */
export interface TagState extends ImageFacts {
  readonly reference: TagRef
  readonly digest: Digest
  /** Where the commit of this run lies, seen from the one that is held; asked only where a decision needs it. */
  readonly relation: CommitRelation
}

/** What a registry said of one repository before anything is changed. */
export interface RepositoryState {
  readonly repository: Repository
  /** Undefined: this registry does not list tags, or not to this login. */
  readonly tags: readonly string[] | undefined
  /** Why they could not be listed. */
  readonly unlistedReason: string | undefined
  /** The list lacks a tag that exists: a later one may have it. */
  readonly isBehind?: true
  /** What the planned tags hold; a tag that is not here does not exist. By tag. */
  readonly tagStates: ReadonlyMap<string, TagState>
}
