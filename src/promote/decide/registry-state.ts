import type {Digest} from '../../oci/digest.ts'
import type {Repository, TagRef} from '../../oci/reference.ts'

/** How two commits lie to each other, seen from the one that a tag holds: https://docs.github.com/rest/commits/commits#compare-two-commits */
export type CommitRelation = 'ahead' | 'behind' | 'identical' | 'diverged' | 'unknown'

/** What a tag holds, as far as the image says it: annotations of its index or manifest, else labels of its configuration. */
export interface Holding {
  readonly reference: TagRef
  readonly digest: Digest
  /** `org.opencontainers.image.revision`. */
  readonly revision: string | undefined
  /** `org.opencontainers.image.created`, as written. */
  readonly created: string | undefined
  /** Date of the commit, ISO 8601 (`io.github.tagboat.commit-date`). */
  readonly commitDate: string | undefined
  /** Id of the workflow run that built it (`io.github.tagboat.run-id`): grows with time in one repository. */
  readonly runId: string | undefined
  /** Of the release: `io.github.tagboat.version`, else a full version in `org.opencontainers.image.version`. */
  readonly version: string | undefined
  /** The exact release tags that it was made for (`io.github.tagboat.tags`). */
  readonly tags: string | undefined
  /** What it was made from (`io.github.tagboat.build`). */
  readonly build: string | undefined
  /** The floating tags that go with it, as it says (`io.github.tagboat.floating`). */
  readonly floating?: string | undefined
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
  readonly holdings: ReadonlyMap<string, Holding>
}
