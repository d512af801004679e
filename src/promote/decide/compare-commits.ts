import {differAround} from '../../plan/build-definition.ts'
import type {CommitReason} from '../../reasons/commit-reasons.ts'
import type {TagState} from './registry-state.ts'
import type {RunFacts} from './tag-decision.ts'

/** Order of this run's commit and that of a tag, with the reason. */
export interface CommitOrder {
  /** Order of this run's commit; `unclear` if no fact decides it. */
  readonly order: 'newer' | 'older' | 'same' | 'unclear'
  readonly because: CommitReason
}

type Criterion = (current: TagState, thisRun: RunFacts) => CommitOrder | undefined

/**
 * Compares the commit of this run with that of the image that a tag points to. The Git history decides if it can:
 * ahead, behind, or the same commit.
 *
 * If the histories diverged (a forced push, or the merge commits of a pull request), dates say little: an amended or
 * rebased commit may be dated before the one that it replaces. Then the later workflow run counts as newer. Run ids
 * grow with every event, and a re-run keeps its id. If the history is unknown, the dates of the commits are compared
 * first, so that a new run of an old commit does not count as newer.
 *
 * An image of a packaged repository is built from two commits, and the revision names only one of them. If the other
 * one differs, the later workflow run counts as newer.
 */
export function compareCommits(current: TagState, thisRun: RunFacts): CommitOrder {
  if (current.withdrawn !== undefined) return overWithdrawn(current.withdrawn)
  const isPackaging = differAround(current.build, thisRun.build)
  const isSame = current.revision !== undefined && current.revision === thisRun.revision
  switch (isSame ? 'identical' : current.relation) {
    case 'identical':
      return isPackaging ? firstOf([byRun], current, thisRun) : {order: 'same', because: {code: 'same-commit'}}
    case 'ahead':
      return {order: 'newer', because: {code: 'commit-ahead', of: current.revision}}
    case 'behind':
      return {order: 'older', because: {code: 'commit-behind', of: current.revision}}
    case 'diverged':
      return firstOf([byRun, byDate], current, thisRun)
    case 'unknown':
      return firstOf(isPackaging ? [byRun, byDate] : [byDate, byRun], current, thisRun)
  }
}

/** Order of any run and an image of a withdrawn version. */
export function overWithdrawn(version: string): CommitOrder {
  return {order: 'newer', because: {code: 'points-to-withdrawn', version}}
}

function firstOf(criteria: readonly Criterion[], current: TagState, thisRun: RunFacts): CommitOrder {
  const found = criteria.map((criterion) => criterion(current, thisRun)).find((one) => one !== undefined)
  return found ?? {order: 'unclear', because: {code: 'commit-order-unknown'}}
}

const byDate: Criterion = (current, thisRun) => {
  const [currentTime, newTime] = [milliseconds(current.commitDate), milliseconds(thisRun.commitDate)]
  if (currentTime === undefined || newTime === undefined || currentTime === newTime) return undefined
  const because = {
    code: 'commit-dates',
    date: thisRun.commitDate ?? '',
    otherDate: current.commitDate ?? '',
  } as const
  return {order: newTime > currentTime ? 'newer' : 'older', because}
}

const byRun: Criterion = (current, thisRun) => {
  const [currentId, newId] = [wholeNumber(current.runId), wholeNumber(thisRun.runId)]
  if (currentId === undefined || newId === undefined || currentId === newId) return undefined
  const isLater = newId > currentId
  const because = {code: 'run-order', run: String(newId), otherRun: String(currentId), isLater} as const
  return {order: isLater ? 'newer' : 'older', because}
}

function milliseconds(date: string | undefined): number | undefined {
  const time = date === undefined ? Number.NaN : Date.parse(date)
  return Number.isNaN(time) ? undefined : time
}

/** Parses a run id, which may exceed the safe integers. */
function wholeNumber(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\d{1,40}$/.test(text) ? BigInt(text) : undefined
}
