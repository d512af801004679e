/** Branches and pull requests that exist now. A part is undefined if the run may not ask GitHub for it. */
export interface LiveRefs {
  readonly defaultBranch: string | undefined
  /** Names of all branches. */
  readonly branches: ReadonlySet<string> | undefined
  /** Numbers of all open pull requests. */
  readonly openPulls: ReadonlySet<number> | undefined
}
