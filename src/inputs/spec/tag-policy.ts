/** Rules for changing existing tags. */
export interface TagPolicy {
  readonly floating: 'auto' | 'always' | 'never'
  readonly ifExists: 'verify' | 'skip' | 'fail' | 'overwrite'
  readonly onStale: 'skip' | 'fail' | 'overwrite'
  /** Reports whether a version counts for no floating tag. Absent if there is none (`withdrawn`). */
  readonly isWithdrawn?: (version: {
    readonly scheme: 'semver' | 'pep440' | 'calver' | 'numeric'
    readonly version: string
  }) => boolean
}
