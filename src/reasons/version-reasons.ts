import type {ReasonIn, ReasonTable} from './reason-table.ts'

/** Reasons to warn about the version of a run. */
export interface VersionReasons {
  /** The Git tag or release of the event, `tagged`, names another version than `from`. */
  readonly 'version-conflict': {readonly version: string; readonly from: string; readonly tagged: string}
}

export type VersionReason = ReasonIn<VersionReasons>

export const versionReasons: ReasonTable<VersionReasons> = {
  'version-conflict': ({version, from, tagged}) =>
    `${version}, from ${from}, differs from ${tagged}, which started this run; rules that need a version use ${version}`,
}
