import type {NoValues, ReasonIn, ReasonTable} from './reason-table.ts'

/** Order of the commit of this run and the one that a tag points to, by what decides it. */
export interface CommitReasons {
  readonly 'same-commit': NoValues
  readonly 'commit-ahead': {readonly of: string | undefined}
  readonly 'commit-behind': {readonly of: string | undefined}
  /** Dates of the commits, ISO 8601. */
  readonly 'commit-dates': {readonly date: string; readonly otherDate: string}
  /** Ids of the workflow runs. */
  readonly 'run-order': {readonly run: string; readonly otherRun: string; readonly isLater: boolean}
  readonly 'commit-order-unknown': NoValues
  /** `version` is that of the image, such as `1.2.3`. */
  readonly 'points-to-withdrawn': {readonly version: string}
}

export type CommitReason = ReasonIn<CommitReasons>

export const commitReasons: ReasonTable<CommitReasons> = {
  'same-commit': () => 'it points to an image of the same commit',
  'commit-ahead': ({of}) => `this commit is ahead of ${shortCommit(of)}`,
  'commit-behind': ({of}) => `this commit is behind ${shortCommit(of)}`,
  'commit-dates': ({date, otherDate}) => `this commit is of ${date}, the other one of ${otherDate}`,
  'run-order': ({run, otherRun, isLater}) => `run ${run} started ${isLater ? 'after' : 'before'} run ${otherRun}`,
  'commit-order-unknown': () => 'which commit is newer is not known',
  'points-to-withdrawn': ({version}) => `it points to ${version}, which is withdrawn`,
}

function shortCommit(revision: string | undefined): string {
  return revision?.slice(0, 12) ?? 'the other one'
}
