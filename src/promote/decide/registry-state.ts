import type {Digest} from '../../oci/digest.ts'
import type {ImageFacts} from '../../oci/image-facts.ts'
import type {Repository, TagRef} from '../../oci/reference.ts'

/** Position of this run's commit relative to another one: https://docs.github.com/rest/commits/commits#compare-two-commits */
export type CommitRelation = 'ahead' | 'behind' | 'identical' | 'diverged' | 'unknown'

/** Digest that a tag points to, with the facts in the annotations or labels of its image. */
export interface TagState extends ImageFacts {
  readonly reference: TagRef
  readonly digest: Digest
  /** Position of this run's commit relative to that of the image. It is only looked up if a decision needs it. */
  readonly relation: CommitRelation
  /** Set to the version of the image if it is withdrawn: the tag may move to any other version or commit. */
  readonly withdrawn?: string | undefined
}

/** Tags of one repository, as they were read. */
export interface RepositoryState {
  readonly repository: Repository
  /** All tags. Undefined if the registry does not list them, or not with these credentials. */
  readonly tags: readonly string[] | undefined
  /** Reason why the tags could not be listed. */
  readonly unlistedReason: string | undefined
  /** Set if the list lacks a tag that exists: a later list may have it. */
  readonly isBehind?: true
  /** State of each planned tag that exists, by tag. */
  readonly tagStates: ReadonlyMap<string, TagState>
}
