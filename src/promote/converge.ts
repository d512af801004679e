import type {Digest} from '../oci/digest.ts'
import {formatRepository} from '../oci/reference.ts'
import {compareCommits} from './decide/compare-commits.ts'
import {higherListed, orderOfRuns, type RunOrder} from './decide/compare-versions.ts'
import {parseTagNames} from '../plan/build-definition.ts'
import type {TagState, RepositoryState} from './decide/registry-state.ts'
import {tagStateOf, stateOf} from './decide/tag-decision.ts'
import {tagKind} from '../tags/tag-role.ts'
import type {ListedVersion} from '../tags/versions/version-order.ts'
import {isPublished, isOutdated, recordKept, recordVerified, type Entry} from './journal.ts'
import {readRelease} from './other-release.ts'
import type {Transaction, TagPut} from './transaction.ts'
import {withCurrent, unverified} from './unverified.ts'

/** More rounds than runs that are likely to be under way at the same time. */
const mostRounds = 10

/** How often a tag is put that the registry does not show: twice may be chance. */
const mostPuts = 3

/**
 * Reads every tag back. A floating tag that this run has put, and that is not right any more because of what another run
 * did meanwhile, is put right, and everything is read again, until nothing is left to do.
 * @returns What was read last.
 * @throws TagboatError `publish-unverified` when a tag does not come to rest, or the registry does not show a PUT.
 */
export async function converge(transaction: Transaction): Promise<readonly RepositoryState[]> {
  const entries = transaction.journal.filter(
    (entry) => tagKind(entry.tag.role) === 'floating' && (isPublished(entry) || entry.overtaken),
  )
  const unseen = new Map<Entry, number>()
  for (let round = 1; ; round += 1) {
    const states = await transaction.read(transaction.request.tags)
    const wrong = await findWrong(entries, states, async (entry) => lookForward(transaction, entry, states))
    if (wrong.length === 0) return states
    for (const {entry, expected} of wrong) {
      if (isOutdated(entry, expected)) unseen.set(entry, (unseen.get(entry) ?? 1) + 1)
    }
    const isOver = round === mostRounds || [...unseen.values()].some((puts) => puts > mostPuts)
    if (isOver) throw unverified(wrong.map(({entry}) => withCurrent(entry, states)))
    await transaction.put(wrong)
  }
}

/**
 * After floating versions got back what they held: where a higher version than this run's was published meanwhile, its run
 * may have moved the tag before that, and it is put there again.
 */
export async function convergeAfterRollback(transaction: Transaction, entries: readonly Entry[]): Promise<void> {
  if (transaction.request.policy.onStale === 'overwrite') return
  const versions = entries.filter(({tag}) => tag.role.kind === 'version-line')
  for (let round = 1; versions.length > 0 && round <= mostRounds; round += 1) {
    const states = await transaction.read(versions.map(({tag}) => tag))
    const wrong = await findWrong(versions, states, async (entry) => {
      const higher = higherThan(transaction, entry, states)
      return higher === undefined ? undefined : makeWayFor(transaction, entry, {higher, states})
    })
    if (wrong.length === 0) return
    await transaction.put(wrong)
  }
}

async function findWrong(
  entries: readonly Entry[],
  states: readonly RepositoryState[],
  look: (entry: Entry) => Promise<Digest | undefined>,
): Promise<readonly TagPut[]> {
  const found = await Promise.all(entries.map(async (entry) => ({entry, digest: await look(entry)})))
  return found.flatMap(({entry, digest}) =>
    digest === undefined ? [] : [{entry, digest, expected: withCurrent(entry, states).held}],
  )
}

/** What the tag shall hold instead; undefined, and noted, when it is at rest. */
async function lookForward(
  transaction: Transaction,
  entry: Entry,
  states: readonly RepositoryState[],
): Promise<Digest | undefined> {
  const current = tagStateOf(states, entry.tag.reference)
  const target = transaction.targetOf(entry.tag, states)
  const higher = higherThan(transaction, entry, states)
  const {policy} = transaction.request
  // Whoever overwrites on purpose is not to be put right, but makes way for others all the same.
  if (higher !== undefined && (policy.onStale !== 'overwrite' || current?.digest !== target)) {
    return makeWayFor(transaction, entry, {higher, states})
  }
  if (current?.digest === target) {
    const newer = overtaking(transaction, entry, states)
    if (newer !== undefined && newer !== target) return newer
    recordVerified(entry, target)
    return undefined
  }
  if (current !== undefined && entry.overtakenBy === current.digest) {
    recordKept(entry, current.digest, {code: 'moved-by-newer-commit'})
    return undefined
  }
  if (current === undefined || current.digest === entry.before) return target
  const {order, because} = orderOf(transaction, entry, current, states)
  if (order === 'newer') return target
  recordKept(entry, current.digest, {code: 'moved-by-other-run', because})
  return undefined
}

/**
 * The image of a newer commit that belongs under a tag of commits which holds this run's own: one that the tag was seen with,
 * or one that says that this tag goes with it, and that took another of this run's tags in the repository while this run was
 * under way. Then the PUT of this run took effect after that of the newer run, or before it, which no one can tell.
 */
export function overtaking(
  transaction: Transaction,
  entry: Entry,
  states: readonly RepositoryState[],
): Digest | undefined {
  const isNewest = ({tag}: Entry): boolean => tag.role.kind === 'newest-commit'
  if (!isNewest(entry) || entry.written.size === 0 || transaction.request.policy.floating !== 'auto') return undefined
  if (entry.newer !== undefined) {
    entry.overtakenBy = entry.newer
    return entry.newer
  }
  const name = formatRepository(entry.tag.reference.repository)
  const siblings = transaction.journal.filter(
    (other) => isNewest(other) && formatRepository(other.tag.reference.repository) === name,
  )
  for (const sibling of siblings) {
    const current = tagStateOf(states, sibling.tag.reference)
    if (current === undefined || current.digest === sibling.before || sibling.written.has(current.digest)) continue
    if (orderOf(transaction, sibling, current, states).order !== 'older') continue
    // A run of another branch may share one name with this run, and not the others.
    if (!names(current.floating, entry.tag.reference.tag)) continue
    entry.overtakenBy = current.digest
    return current.digest
  }
  return undefined
}

/** Whether an image says that a floating tag goes with it. */
function names(said: string | undefined, tag: string): boolean {
  return parseTagNames(said ?? '').includes(tag)
}

const lastWins: RunOrder = {order: 'unclear', because: {code: 'floating-always'}}

/** How this run lies to another that has put its own meanwhile. */
function orderOf(
  transaction: Transaction,
  {tag: {role, reference}}: Entry,
  current: TagState,
  states: readonly RepositoryState[],
): RunOrder {
  if (transaction.request.policy.floating === 'always') return lastWins
  if (role.kind !== 'version-line') return compareCommits(current, transaction.thisRun)
  const isListed = role.affixes.length > 0 && stateOf(states, reference.repository)?.tags !== undefined
  return orderOfRuns(role, {current, thisRun: transaction.thisRun, isListed})
}

function higherThan(
  {request}: Transaction,
  {tag}: Entry,
  states: readonly RepositoryState[],
): ListedVersion | undefined {
  if (tag.role.kind !== 'version-line' || request.policy.floating !== 'auto') return undefined
  // What is there may be this run's own: a name that promises no more than not to go back is settled by what images say.
  if (tag.role.promise === 'not-lower') return undefined
  const tags = stateOf(states, tag.reference.repository)?.tags
  return higherListed(tag.role, {current: tagStateOf(states, tag.reference), tags})
}

/** The higher version's run puts it there by itself; only over what is this run's own work is it put here. */
async function makeWayFor(
  transaction: Transaction,
  entry: Entry,
  {higher, states}: {readonly higher: ListedVersion; readonly states: readonly RepositoryState[]},
): Promise<Digest | undefined> {
  const {repository} = entry.tag.reference
  const held = tagStateOf(states, entry.tag.reference)?.digest
  const released = (await readRelease(transaction.client(repository), higher))?.digest
  const isOwnWork = held === undefined ? entry.removed : entry.written.has(held)
  if (isOwnWork && released !== undefined && released !== held) return released
  if (entry.movedToHighest && held !== undefined && held === released) {
    recordVerified(entry, held)
    return undefined
  }
  recordKept(entry, held, {code: 'published-meanwhile', version: higher.version})
  return undefined
}
