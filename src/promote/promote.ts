import type {TagboatError} from '../errors/error.ts'
import {decideFloating} from './decide/decide-floating.ts'
import {decideRelease} from './decide/decide-release.ts'
import type {RepositoryState} from './decide/registry-state.ts'
import {releaseComparison} from './decide/same-release.ts'
import {tagStateOf, type TagDecision} from './decide/tag-decision.ts'
import {tagKind} from '../tags/tag-role.ts'
import {
  entryOf,
  failureWith,
  isPublished,
  recordDecision,
  recordCurrent,
  recordKept,
  recordVerified,
  rowsOf,
  type PromoteRow,
} from './journal.ts'
import {Transaction, type PromoteIo, type PromoteRequest, type TagPut} from './transaction.ts'
import {moveToHighest} from './move-to-highest.ts'
import {converge} from './converge.ts'
import {rollBack} from './roll-back.ts'
import {withCurrent, unverified} from './unverified.ts'

export type {PromoteRequest} from './transaction.ts'
export type {PromoteRow} from './journal.ts'

export interface PromoteResult {
  /** Every planned tag, in order. */
  readonly rows: readonly PromoteRow[]
  /** Undefined: every tag holds what it shall. The rows are among its evidence. */
  readonly failure: TagboatError | undefined
}

/**
 * Gives a digest its tags. Registries have no transactions, and a tag is replaced without a condition, so the order of
 * the steps is what keeps the promises:
 *
 * 1. Exact tags are read and put, in all repositories, once the image is known to be whole there. Before each try of a PUT
 *    the tag has to hold what the decision rests on; where it does not, everything is read and decided again.
 * 2. Everything is read again, and floating tags are decided. Each run has put its version before it lists the versions of
 *    the others: whichever of two lists last sees both.
 * 3. Floating tags are put; those that exist first, since new ones cannot be removed everywhere. A tag that holds a lower
 *    version than one that is published, because a run was killed, gets the highest. When a PUT fails, or the run is
 *    cancelled, the tags that were put get what they held before.
 * 4. Everything is read back, by content. A run that finds a higher version now, and its own work on the tag, puts the
 *    higher one there, and reads again.
 *
 * Where a registry shows a PUT later than it took it, reading waits for it (`Backoff`).
 *
 * So however runs of different versions overlap, the highest one is in `1.2` and `latest` when the last has ended: the run
 * that puts such a tag last lists the versions after it, and would have put another one. In between, a tag can go back for
 * the time of two requests. A run that is killed between its PUT and its reading back can leave a lower version; the next
 * run of any version puts that right.
 *
 * For tags that follow commits, and for versions without an exact tag of their own, there is no such list. A run that finds
 * its tag overtaken by an older commit puts its own; one that finds another of its tags overtaken by a newer commit puts
 * that commit everywhere. Only an older run whose PUT takes effect after the newer run has ended, and that has no other tag
 * to see it by, can win; `concurrency` in the workflow prevents that.
 *
 * What no client can prevent at a registry without conditional requests: a PUT by another run that takes effect between the
 * last look at a tag and this run's PUT.
 */
export async function promote(request: PromoteRequest, io: PromoteIo): Promise<PromoteResult> {
  const transaction = new Transaction(request, io)
  try {
    await putExact(transaction)
    transaction.throwIfCancelled()
    const states = await transaction.read(request.tags)
    verifyExactTags(transaction, states)
    if (await putFloating(transaction, states)) await verifyAll(transaction)
    return {rows: rowsOf(transaction.journal), failure: undefined}
  } catch (error) {
    return {
      rows: rowsOf(transaction.journal),
      failure: failureWith(error, transaction.journal, transaction.isCancelled()),
    }
  }
}

/** How often exact tags are decided when other runs put theirs at the same time. */
const mostDecisions = 5

async function putExact(transaction: Transaction): Promise<void> {
  const {tags, preflightStates} = transaction.request
  transaction.throwIfCancelled()
  const exact = tags.filter(({role}) => tagKind(role) === 'exact')
  const [states] = await Promise.all([
    transaction.readTagStates(preflightStates === undefined ? tags : exact),
    transaction.requireWhole(),
  ])
  // Floating tags are read when it is their turn; until then they hold what was seen of them.
  for (const entry of transaction.journal) {
    const {role, reference} = entry.tag
    recordCurrent(
      entry,
      tagStateOf(tagKind(role) === 'exact' ? states : (preflightStates ?? states), reference)?.digest,
    )
  }
  transaction.recordNewerCommits(preflightStates ?? states)
  for (let round = 1, held = states; ; round += 1) {
    await transaction.put(decideExact(transaction, held))
    const overtaken = transaction.journal.filter((entry) => entry.overtaken)
    if (overtaken.length === 0) return
    held = await transaction.readTagStates(exact)
    if (round === mostDecisions) throw unverified(overtaken.map((entry) => withCurrent(entry, held)))
    for (const entry of overtaken) {
      entry.overtaken = false
      recordCurrent(entry, tagStateOf(held, entry.tag.reference)?.digest)
    }
  }
}

/** Decides what becomes of the exact tags; what is to be put. @throws TagboatError `tag-taken`, `tag-exists` */
function decideExact(transaction: Transaction, states: readonly RepositoryState[]): readonly TagPut[] {
  const {tags, policy} = transaction.request
  const {decisions, existing} = decideRelease({tags, states, thisRun: transaction.thisRun, policy})
  transaction.existing = existing
  const puts = decisions
    .filter(({tag}) => entryOf(transaction.journal, tag).put === undefined)
    .flatMap((decision) => applyDecision(transaction, decision, states))
  transaction.throwIfCancelled()
  return puts
}

/** Notes a decision; what is to be put, where it is not there yet. */
function applyDecision(
  transaction: Transaction,
  decision: TagDecision,
  states: readonly RepositoryState[],
): readonly TagPut[] {
  const entry = entryOf(transaction.journal, decision.tag)
  const digest = transaction.targetOf(decision.tag, states)
  recordDecision(entry, decision, digest)
  return decision.action === 'put' && decision.before !== digest ? [{entry, digest, expected: decision.before}] : []
}

/**
 * Another run of the same release may have put its own build at the same time: then that is the release. A commit tag may hold
 * any image of its commit.
 */
function verifyExactTags(transaction: Transaction, states: readonly RepositoryState[]): void {
  const {thisRun, request} = transaction
  const compare = releaseComparison({tags: request.tags, states, thisRun})
  const ours = transaction.journal.filter((entry) => tagKind(entry.tag.role) === 'exact' && isPublished(entry))
  const wrong = ours.flatMap((entry) => {
    const current = tagStateOf(states, entry.tag.reference)
    if (current !== undefined && (entry.written.has(current.digest) || current.digest === entry.after)) {
      recordVerified(entry, current.digest)
      return []
    }
    const standing = current && compare(current)
    const isOurs = entry.tag.role.kind === 'commit' ? standing?.kind !== 'commit' : standing?.kind === 'same'
    if (current === undefined || !isOurs) return [withCurrent(entry, states)]
    recordKept(entry, current.digest, {code: 'commit-published-meanwhile'})
    return []
  })
  if (wrong.length > 0) throw unverified(wrong)
}

/** Whether anything was put, or is to be decided again. */
async function putFloating(transaction: Transaction, states: readonly RepositoryState[]): Promise<boolean> {
  const {tags, policy} = transaction.request
  const target: Parameters<typeof decideFloating>[0]['target'] = (tag) => transaction.targetOf(tag, states)
  const {thisRun, existing} = transaction
  const decisions = decideFloating({tags, states, thisRun, policy, existing, target})
  const ours = decisions.flatMap((decision) => applyDecision(transaction, decision, states)).filter(isNotNewer)
  transaction.throwIfCancelled()
  const moves = ours.filter(({expected}) => expected !== undefined)
  const creations = ours.filter(({expected}) => expected === undefined)
  try {
    // A look that is made meanwhile saves the round trip of one before the PUT.
    await Promise.all([transaction.put(moves), moves.length > 0 ? transaction.lookAhead(creations) : undefined])
    if (creations.length > 0) transaction.throwIfCancelled()
    await transaction.put(creations)
  } catch (error) {
    await rollBack(
      transaction,
      ours.map(({entry}) => entry),
    )
    throw error
  }
  const healed = await moveToHighest(transaction, decisions)
  return ours.length + healed > 0
}

/** A tag that was seen with a newer commit stays as it is, whatever another replica shows of it. */
function isNotNewer({entry}: TagPut): boolean {
  if (entry.newer === undefined) return true
  recordKept(entry, entry.before, {code: 'newer-commit-seen', digest: entry.newer})
  return false
}

/** What is done is whole: a run that is cancelled now still looks whether it is right. */
async function verifyAll(transaction: Transaction): Promise<void> {
  const wasCancelled = transaction.isCancelled()
  const once = async (): Promise<void> => {
    verifyExactTags(transaction, await converge(transaction))
  }
  try {
    await once()
  } catch (error) {
    if (wasCancelled || !transaction.isCancelled()) throw error
    await once()
  }
}
