import type {Digest} from '../oci/digest.ts'
import {tagKind} from '../tags/tag-role.ts'
import {
  decideBelow,
  decideConvergence,
  listedAbove,
  newerImage,
  orderAgainst,
  type Convergence,
  type ConvergenceRun,
  type HigherVersion,
} from './decide/decide-convergence.ts'
import type {RepositoryState} from './decide/registry-state.ts'
import {tagStateOf} from './decide/tag-decision.ts'
import {isOutdated, isPublished, recordKept, recordVerified, type Entry} from './journal.ts'
import {readRelease} from './listed-release.ts'
import type {TagPut, Transaction} from './transaction.ts'
import {unverified, withCurrent} from './unverified.ts'

/** Maximum number of rounds: more than the number of runs that are likely to overlap. */
const maxRounds = 10

/** Maximum number of PUTs of a tag that the registry does not show. */
const maxPuts = 3

/**
 * Reads every tag back. A floating tag that this run pushed, and that is not correct any more because of another run,
 * is pushed again, and everything is read again, until all tags are correct.
 * @returns the states of the last read.
 * @throws TagboatError `publish-unverified` if a tag keeps changing, or the registry does not show a PUT.
 */
export async function converge(transaction: Transaction): Promise<readonly RepositoryState[]> {
  const entries = transaction.journal.filter(
    (entry) => tagKind(entry.tag.role) === 'floating' && (isPublished(entry) || entry.overtaken),
  )
  const unseenPuts = new Map<Entry, number>()
  for (let round = 1; ; round += 1) {
    const states = await transaction.read(transaction.request.tags)
    const puts = await applyDecisions(entries, states, async (entry) => decide(transaction, entry, states))
    if (puts.length === 0) return states
    for (const {entry, expected} of puts) {
      if (isOutdated(entry, expected)) unseenPuts.set(entry, (unseenPuts.get(entry) ?? 1) + 1)
    }
    const isOver = round === maxRounds || [...unseenPuts.values()].some((count) => count > maxPuts)
    if (isOver) throw unverified(puts.map(({entry}) => withCurrent(entry, states)))
    await transaction.put(puts)
  }
}

/**
 * Corrects floating version tags after they were rolled back. If a higher version than that of this run was published
 * meanwhile, its run may have moved the tag before the rollback, so this run moves it to the higher version again.
 */
export async function convergeAfterRollback(transaction: Transaction, entries: readonly Entry[]): Promise<void> {
  if (transaction.request.policy.onStale === 'overwrite') return
  const versions = entries.filter(({tag}) => tag.role.kind === 'version-line')
  for (let round = 1; versions.length > 0 && round <= maxRounds; round += 1) {
    const states = await transaction.read(versions.map(({tag}) => tag))
    const puts = await applyDecisions(versions, states, async (entry) => {
      const higher = await readHigher(transaction, entry, {states, target: undefined})
      const current = tagStateOf(states, entry.tag.reference)
      return higher === undefined ? undefined : decideBelow(higher, {entry, current})
    })
    if (puts.length === 0) return
    await transaction.put(puts)
  }
}

/** Records the decisions in the journal. Returns the PUTs that follow from them. */
async function applyDecisions(
  entries: readonly Entry[],
  states: readonly RepositoryState[],
  decideEntry: (entry: Entry) => Promise<Convergence | undefined>,
): Promise<readonly TagPut[]> {
  const decisions = await Promise.all(entries.map(async (entry) => ({entry, decision: await decideEntry(entry)})))
  return decisions.flatMap(({entry, decision}) => {
    const current = tagStateOf(states, entry.tag.reference)?.digest
    switch (decision?.action) {
      case 'put':
        return [{entry, digest: decision.digest, expected: current}]
      case 'verified':
        recordVerified(entry, decision.digest)
        return []
      case 'keep':
        recordKept(entry, current, decision.reason)
        return []
      case undefined:
        return []
    }
  })
}

async function decide(
  transaction: Transaction,
  entry: Entry,
  states: readonly RepositoryState[],
): Promise<Convergence> {
  const current = tagStateOf(states, entry.tag.reference)
  const target = transaction.targetOf(entry.tag, states)
  return decideConvergence({
    entry,
    current,
    target,
    higher: await readHigher(transaction, entry, {states, target}),
    newer: current?.digest === target ? recordNewerImage(transaction, entry, states) : undefined,
    order: current && orderAgainst(current, entry, {states, run: runOf(transaction)}),
  })
}

async function readHigher(
  transaction: Transaction,
  entry: Entry,
  {states, target}: {readonly states: readonly RepositoryState[]; readonly target: Digest | undefined},
): Promise<HigherVersion | undefined> {
  const listed = listedAbove(entry, states, {policy: transaction.request.policy, target})
  if (listed === undefined) return undefined
  const release = await readRelease(transaction.client(entry.tag.reference.repository), listed)
  return {version: listed.version, release: release?.digest}
}

/** Finds the image of a newer commit that a tag should point to instead of the image of this run, and records it. */
export function recordNewerImage(
  transaction: Transaction,
  entry: Entry,
  states: readonly RepositoryState[],
): Digest | undefined {
  const newer = newerImage(entry, states, runOf(transaction))
  if (newer !== undefined) entry.overtakenBy = newer
  return newer
}

function runOf({thisRun, journal, request}: Transaction): ConvergenceRun {
  return {thisRun, journal, policy: request.policy}
}
