import type {TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {acceptedRelease} from './accepted-release.ts'
import {decideFloating} from './decide/decide-floating.ts'
import type {RepositoryState} from './decide/registry-state.ts'
import {releaseComparer} from './decide/same-release.ts'
import {tagStateOf, type TagDecision, type TargetTag} from './decide/tag-decision.ts'
import {tagKind} from '../tags/tag-role.ts'
import {
  entryOf,
  isPublished,
  recordCurrent,
  recordDecision,
  recordKept,
  recordVerified,
  rowsOf,
  type PromoteRow,
} from './journal.ts'
import {Transaction, type PromoteIo, type PromoteRequest, type TagPut} from './transaction.ts'
import {converge} from './converge.ts'
import {unverified, withCurrent} from './unverified.ts'

export type {PromoteRequest} from './transaction.ts'
export type {PromoteRow} from './journal.ts'

export interface PromoteResult {
  /** Every planned tag, in order. */
  readonly rows: readonly PromoteRow[]
  /** Failure, with the rows in its evidence; undefined if every tag points to what it should. */
  readonly failure: TagboatError | undefined
}

/**
 * Points tags to a digest. Registries have no transactions and no conditional PUT of a tag, so the promises follow from
 * the order of the steps:
 *
 * 1. Exact tags are read and pushed in all repositories, after the image was found complete there. Before each attempt
 *    of a PUT, the tag must point to the digest on which the decision is based. Otherwise everything is read and
 *    decided again.
 * 2. Everything is read again, and floating tags are decided. Each run pushes its version before it lists the versions
 *    of other runs, so the later one of two lists contains both.
 * 3. Floating tags are pushed: existing ones first, since new ones cannot be deleted in every registry. A tag that
 *    points to a lower version than a published one, because a run was killed, is moved to the highest. If a PUT fails
 *    or the run is cancelled, the tags that were pushed are rolled back.
 * 4. Everything is read back, by content. If a run finds a higher version and its own digest in the tag, it moves the
 *    tag to the higher version and reads again.
 *
 * If a registry shows a PUT only after some time, reads are repeated (`Backoff`).
 *
 * However runs of different versions interleave, `1.2` and `latest` point to the highest version when the last run has
 * ended: the run that pushes such a tag last lists the versions after that, and corrects the tag. In between, a tag can
 * go back for the time of two requests. A run that is killed between its PUT and its read can leave a lower version;
 * the next run of any version corrects it.
 *
 * For tags that follow commits, and for versions without an exact tag, there is no such list. If a run finds that an
 * older commit has replaced its own in a tag, it pushes the tag again. If it finds that a newer commit has replaced its
 * own in another tag, it moves all tags to that commit. An older run can win only if its PUT takes effect after the
 * newer run has ended, and it has no other tag that shows the newer commit; `concurrency` in the workflow prevents
 * that.
 *
 * A registry without conditional requests cannot prevent one case: a PUT of another run that takes effect between the
 * last read of a tag and the PUT of this run.
 */
export async function promote(request: PromoteRequest, io: PromoteIo): Promise<PromoteResult> {
  const transaction = new Transaction(request, io)
  try {
    await pushExactTags(transaction)
    transaction.throwIfCancelled()
    const states = await transaction.read(request.tags)
    verifyExactTags(transaction, states)
    if (await pushFloatingTags(transaction, states)) await verifyAll(transaction)
    return {rows: rowsOf(transaction.journal), failure: undefined}
  } catch (error) {
    const {failureWith} = await import('./promote-failure.ts')
    const failure = failureWith(error, transaction.journal, transaction.isCancelled())
    return {rows: rowsOf(transaction.journal), failure}
  }
}

/** Maximum number of decisions about exact tags, if other runs push them at the same time. */
const maxDecisions = 5

async function pushExactTags(transaction: Transaction): Promise<void> {
  const {tags, preflightStates} = transaction.request
  transaction.throwIfCancelled()
  const exact = tags.filter(({role}) => tagKind(role) === 'exact')
  const [states] = await Promise.all([
    transaction.readTagStates(preflightStates === undefined ? tags : exact),
    transaction.requireWhole(),
  ])
  // Floating tags are read again in a later step. Until then, their digests are those of the preflight.
  for (const entry of transaction.journal) {
    const {role, reference} = entry.tag
    const known = tagKind(role) === 'exact' ? states : (preflightStates ?? states)
    recordCurrent(entry, tagStateOf(known, reference)?.digest)
  }
  transaction.recordNewerCommits(preflightStates ?? states)
  for (let round = 1, current = states; ; round += 1) {
    await transaction.put(await decideExactTags(transaction, current))
    const overtaken = transaction.journal.filter((entry) => entry.overtaken)
    if (overtaken.length === 0) return
    current = await transaction.readTagStates(exact)
    if (round === maxDecisions) throw unverified(overtaken.map((entry) => withCurrent(entry, current)))
    for (const entry of overtaken) {
      entry.overtaken = false
      recordCurrent(entry, tagStateOf(current, entry.tag.reference)?.digest)
    }
  }
}

/** Decides about the exact tags, and returns their PUTs. @throws TagboatError `tag-taken`, `tag-exists` */
async function decideExactTags(
  transaction: Transaction,
  states: readonly RepositoryState[],
): Promise<readonly TagPut[]> {
  const {tags, policy, judged, isNewImage} = transaction.request
  const {decisions, existing} = await acceptedRelease({tags, states, thisRun: transaction.thisRun, policy})
  transaction.existing = existing
  if (judged !== undefined && !isNewImage) {
    const {requireJudged} = await import('./decide/require-judged.ts')
    const read = async (): Promise<readonly RepositoryState[]> => transaction.read(tags)
    await requireJudged({...transaction.request, judged, thisRun: transaction.thisRun, existing, decisions, read})
  }
  const puts = decisions
    .filter(({tag}) => entryOf(transaction.journal, tag).accepted === undefined)
    .flatMap((decision) => applyDecision(transaction, decision, states))
  transaction.throwIfCancelled()
  return puts
}

/** Records a decision. Returns the PUT that follows from it, if the tag does not point to its target yet. */
function applyDecision(
  transaction: Transaction,
  decision: TagDecision,
  states: readonly RepositoryState[],
): readonly TagPut[] {
  const entry = entryOf(transaction.journal, decision.tag)
  const digest = transaction.targetOf(decision.tag, states)
  recordDecision(entry, decision, digest)
  if (decision.action !== 'put' || decision.before === digest) return []
  // Another run has published it meanwhile, and moves the tags itself.
  if (transaction.request.judged?.has(digest) === false) {
    recordKept(entry, decision.before, {code: 'not-judged', digest})
    return []
  }
  return [{entry, digest, expected: decision.before}]
}

/**
 * Verifies exact tags. Another run of the same release may have pushed its own build at the same time: then that is the
 * release. A commit tag may point to any image of its commit.
 */
function verifyExactTags(transaction: Transaction, states: readonly RepositoryState[]): void {
  const {thisRun, request} = transaction
  const compare = releaseComparer({tags: request.tags, states, thisRun})
  const exact = transaction.journal.filter((entry) => tagKind(entry.tag.role) === 'exact' && isPublished(entry))
  const wrong = exact.flatMap((entry) => {
    const current = tagStateOf(states, entry.tag.reference)
    if (current !== undefined && (entry.pushed.has(current.digest) || current.digest === entry.after)) {
      recordVerified(entry, current.digest)
      return []
    }
    const comparison = current && compare(current)
    const isSameRelease =
      entry.tag.role.kind === 'commit' ? comparison?.kind !== 'other-commit' : comparison?.kind === 'same'
    if (current === undefined || !isSameRelease) return [withCurrent(entry, states)]
    recordKept(entry, current.digest, {code: 'commit-published-meanwhile'})
    return []
  })
  if (wrong.length > 0) throw unverified(wrong)
}

/** Decides about the floating tags and pushes them. Reports whether a tag was pushed, or must be decided again. */
async function pushFloatingTags(transaction: Transaction, states: readonly RepositoryState[]): Promise<boolean> {
  const {tags, policy} = transaction.request
  const target = (tag: TargetTag): Digest => transaction.targetOf(tag, states)
  const {thisRun, existing} = transaction
  const decisions = decideFloating({tags, states, thisRun, policy, existing, target})
  const puts = decisions.flatMap((decision) => applyDecision(transaction, decision, states)).filter(isNotNewer)
  transaction.throwIfCancelled()
  const moves = puts.filter(({expected}) => expected !== undefined)
  const creations = puts.filter(({expected}) => expected === undefined)
  try {
    // Reading new tags while others move saves a round trip before their PUTs.
    await Promise.all([transaction.put(moves), moves.length > 0 ? transaction.readAhead(creations) : undefined])
    if (creations.length > 0) transaction.throwIfCancelled()
    await transaction.put(creations)
  } catch (error) {
    const {rollBack} = await import('./roll-back.ts')
    await rollBack(
      transaction,
      puts.map(({entry}) => entry),
    )
    throw error
  }
  return puts.length + (await moveOthers(transaction, decisions)) > 0
}

/** Moves the tags that point to a lower version than a published one. Few runs find any. Returns their number. */
async function moveOthers(transaction: Transaction, decisions: readonly TagDecision[]): Promise<number> {
  if (decisions.every(({higher}) => higher === undefined)) return 0
  const {moveToHighest} = await import('./move-to-highest.ts')
  return moveToHighest(transaction, decisions)
}

/** Keeps a tag that has pointed to a newer commit, even if another replica shows an older one. */
function isNotNewer({entry}: TagPut): boolean {
  if (entry.newerCommit === undefined) return true
  recordKept(entry, entry.before, {code: 'newer-commit-seen', digest: entry.newerCommit})
  return false
}

/** Reads everything back. The transaction is complete, so a run that is cancelled now still verifies it. */
async function verifyAll(transaction: Transaction): Promise<void> {
  const wasCancelled = transaction.isCancelled()
  const verify = async (): Promise<void> => {
    verifyExactTags(transaction, await converge(transaction))
  }
  try {
    await verify()
  } catch (error) {
    if (wasCancelled || !transaction.isCancelled()) throw error
    await verify()
  }
}
