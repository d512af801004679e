import {differAround} from '../../plan/build-definition.ts'
import type {CommitReason} from '../../reasons/commit-reasons.ts'
import type {TagState} from './registry-state.ts'
import type {RunFacts} from './tag-decision.ts'

/** How a run's commit lies to the one that a tag holds, and what says so. */
export interface CommitOrder {
  /** Of the run's own commit; `unclear`: nothing says anything. */
  readonly order: 'newer' | 'older' | 'same' | 'unclear'
  readonly because: CommitReason
}

type Criterion = (current: TagState, thisRun: RunFacts) => CommitOrder | undefined

/**
 * Whether this run is newer than what a tag holds. History decides where it can: ahead, behind, or the same commit.
 *
 * Where history has parted (a forced push, or the merge commits of a pull request), dates say little: an amended or
 * rebased commit may be dated before the one that it replaces. There the run decides that was asked for last, for run ids
 * grow with every event; a run that is started again keeps its own. Where nothing is known of history, the date of the
 * commit is asked first, so that a new run of an old commit does not pass for something new.
 *
 * An image of a packaged repository is made from two commits, and the revision names only one of them. Where the other one
 * differs, the run decides that was asked for last.
 */
export function compareCommits(current: TagState, thisRun: RunFacts): CommitOrder {
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

function firstOf(criteria: readonly Criterion[], current: TagState, thisRun: RunFacts): CommitOrder {
  const found = criteria.map((criterion) => criterion(current, thisRun)).find((one) => one !== undefined)
  return found ?? {order: 'unclear', because: {code: 'commit-order-unknown'}}
}

const byDate: Criterion = ({commitDate}, thisRun) => {
  const [held, ours] = [milliseconds(commitDate), milliseconds(thisRun.commitDate)]
  if (held === undefined || ours === undefined || held === ours) return undefined
  const because = {code: 'commit-dates', date: thisRun.commitDate ?? '', otherDate: commitDate ?? ''} as const
  return {order: ours > held ? 'newer' : 'older', because}
}

const byRun: Criterion = ({runId}, thisRun) => {
  const [held, ours] = [wholeNumber(runId), wholeNumber(thisRun.runId)]
  if (held === undefined || ours === undefined || held === ours) return undefined
  const isLater = ours > held
  const because = {code: 'run-order', run: String(ours), otherRun: String(held), isLater} as const
  return {order: isLater ? 'newer' : 'older', because}
}

function milliseconds(date: string | undefined): number | undefined {
  const time = date === undefined ? Number.NaN : Date.parse(date)
  return Number.isNaN(time) ? undefined : time
}

/** Run ids may outgrow what a double holds. */
function wholeNumber(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\d{1,40}$/.test(text) ? BigInt(text) : undefined
}
