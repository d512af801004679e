import type {TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {decideFloating} from '../plan/decide-floating.ts'
import {decideRelease} from '../plan/decide-release.ts'
import type {RepositoryState} from '../plan/registry-state.ts'
import {releaseComparison} from '../plan/same-release.ts'
import {holdingOf, shortDigest, type TagDecision} from '../plan/tag-decision.ts'
import {kindOfLine} from '../tags/line.ts'
import {
  entryOf,
  failureWith,
  noteDecision,
  noteHeld,
  noteKept,
  noteProven,
  rowsOf,
  type Entry,
  type PromoteRow,
} from './journal.ts'
import {Session, unverified, type PromoteEdges, type PromoteRequest} from './session.ts'
import {settle} from './settle.ts'
import {takeBack} from './take-back.ts'

export type {PromoteEdges, PromoteRequest} from './session.ts'
export type {PromoteOutcome, PromoteRow} from './journal.ts'

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
 * 1. Exact tags are read once more and put, in all repositories.
 * 2. Everything is read again, and floating tags are decided anew. Each run has put its version before it lists the
 *    versions of the others: whichever of two lists last sees both.
 * 3. Floating tags are put; those that exist first, for what is new cannot be taken back everywhere. When one fails, or
 *    the run is cancelled, those that were put get back what they held.
 * 4. Everything is read back. A run that finds a higher version now, and its own work on the tag, puts the higher one
 *    there, and reads again.
 *
 * So however runs of different versions lie over each other, the highest one is in `1.2` and `latest` when the last has
 * ended: whoever puts such a tag last lists the versions after it, and would have put another one. In between, a tag can
 * go back for the time of two requests. That holds for as long as a run is neither killed nor cut off between its PUT
 * and its reading back, and the registry shows what was put before.
 *
 * For tags that follow commits, and for versions without an exact tag of their own, there is no such list. A run that finds its tag overtaken by an older commit puts its own
 * back; only an older run whose PUT took longer than all that can win, and `concurrency` in the workflow prevents that.
 */
export async function promote(request: PromoteRequest, edges: PromoteEdges): Promise<PromoteResult> {
  const session = new Session(request, edges)
  try {
    await putExact(session)
    session.throwIfCancelled()
    const states = await session.read(request.tags)
    proveExact(session, states)
    if (await putFloating(session, states)) await proveAll(session)
    return {rows: rowsOf(session.journal), failure: undefined}
  } catch (error) {
    return {rows: rowsOf(session.journal), failure: failureWith(error, session.journal, session.isCancelled())}
  }
}

interface Put {
  readonly entry: Entry
  readonly digest: Digest
}

async function putExact(session: Session): Promise<void> {
  const {tags, policy, seen} = session.request
  session.throwIfCancelled()
  const exact = tags.filter(({line}) => kindOfLine(line) === 'exact')
  const states = await session.readHoldings(seen === undefined ? tags : exact)
  // Floating tags are read when it is their turn; until then they hold what was seen of them.
  for (const entry of session.journal) {
    const {line, reference} = entry.tag
    noteHeld(entry, holdingOf(kindOfLine(line) === 'exact' ? states : (seen ?? states), reference)?.digest)
  }
  const {decisions, existing} = decideRelease({tags, states, own: session.own, policy})
  session.existing = existing
  const puts = noteAll(session, decisions, states)
  session.throwIfCancelled()
  await session.put(puts)
}

/** Notes the decisions; what is to be put, and is not there yet. */
function noteAll(
  session: Session,
  decisions: readonly TagDecision[],
  states: readonly RepositoryState[],
): readonly Put[] {
  return decisions.flatMap((decision) => {
    const entry = entryOf(session.journal, decision.tag)
    const digest = session.targetOf(decision.tag, states)
    noteDecision(entry, decision, digest)
    return decision.action === 'put' && decision.before !== digest ? [{entry, digest}] : []
  })
}

/**
 * Another run of the same release may have put its own build at the same time: then that is the release. A commit tag may hold
 * any image of its commit.
 */
function proveExact(session: Session, states: readonly RepositoryState[]): void {
  const {own, request} = session
  const compare = releaseComparison({tags: request.tags, states, own})
  const written = session.journal.filter(({tag, written}) => kindOfLine(tag.line) === 'exact' && written.size > 0)
  const wrong = written.flatMap((entry) => {
    const holding = holdingOf(states, entry.tag.reference)
    if (holding !== undefined && entry.written.has(holding.digest)) {
      noteProven(entry, holding.digest)
      return []
    }
    const standing = holding && compare(holding)
    const isOurs = entry.tag.line.kind === 'commit' ? standing?.kind !== 'commit' : standing?.kind === 'same'
    if (holding === undefined || !isOurs) return [{entry, held: holding?.digest}]
    const stays = `${entry.tag.reference.tag} stays at ${shortDigest(holding.digest)}`
    noteKept(entry, holding.digest, `${stays}: another run published this commit at the same time`)
    return []
  })
  if (wrong.length > 0) throw unverified(wrong)
}

/** Whether anything was put. */
async function putFloating(session: Session, states: readonly RepositoryState[]): Promise<boolean> {
  const {tags, policy} = session.request
  const target: Parameters<typeof decideFloating>[0]['target'] = (tag) => session.targetOf(tag, states)
  const {own, existing} = session
  const puts = noteAll(session, decideFloating({tags, states, own, policy, existing, target}), states)
  session.throwIfCancelled()
  const moves = puts.filter(({entry}) => entry.before !== undefined)
  const creations = puts.filter(({entry}) => entry.before === undefined)
  try {
    await session.put(moves)
    if (creations.length > 0) session.throwIfCancelled()
    await session.put(creations)
  } catch (error) {
    await takeBack(
      session,
      puts.map(({entry}) => entry),
    )
    throw error
  }
  return puts.length > 0
}

/** What is done is whole: a run that is cancelled now still looks whether it is right. */
async function proveAll(session: Session): Promise<void> {
  const wasCancelled = session.isCancelled()
  const once = async (): Promise<void> => {
    proveExact(session, await settle(session))
  }
  try {
    await once()
  } catch (error) {
    if (wasCancelled || !session.isCancelled()) throw error
    await once()
  }
}
