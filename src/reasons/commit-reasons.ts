import type {NoValues, ReasonIn, ReasonTable} from './reason-table.ts'

/** How this run's commit relates to the one that a tag points to, and what decides it. */
export interface CommitReasons {
  readonly 'same-commit': NoValues
  readonly 'commit-ahead': {readonly of: string | undefined}
  readonly 'commit-behind': {readonly of: string | undefined}
  /** Dates of the commits, ISO 8601. */
  readonly 'commit-dates': {readonly ours: string; readonly theirs: string}
  /** Ids of the workflow runs. */
  readonly 'run-order': {readonly ours: string; readonly theirs: string; readonly isLater: boolean}
  readonly 'commit-order-unknown': NoValues
}

export type CommitReason = ReasonIn<CommitReasons>

export const commitReasons: ReasonTable<CommitReasons> = {
  'same-commit': () => 'it points to an image of the same commit',
  'commit-ahead': ({of}) => `this commit is ahead of ${shortCommit(of)}`,
  'commit-behind': ({of}) => `this commit is behind ${shortCommit(of)}`,
  'commit-dates': ({ours, theirs}) => `this commit is of ${ours}, the other one of ${theirs}`,
  'run-order': ({ours, theirs, isLater}) => `run ${ours} started ${isLater ? 'after' : 'before'} run ${theirs}`,
  'commit-order-unknown': () => 'which commit is newer is not known',
}

function shortCommit(revision: string | undefined): string {
  return revision?.slice(0, 12) ?? 'the other one'
}
