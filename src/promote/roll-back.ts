import {errorMessage} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {formatRepository} from '../oci/reference.ts'
import {isOutdated, type Entry} from './journal.ts'
import type {Transaction} from './transaction.ts'
import {overtaking, convergeAfterRollback} from './converge.ts'

/**
 * Gives floating tags back what they held before this run, where they still hold what this run put there; all of them
 * are tried. A tag that did not exist is deleted. Where the registry cannot do that (many cannot), or would take more with it, it is
 * left: it holds a release that is whole. Never throws: what could not be taken back is noted.
 */
export async function rollBack(transaction: Transaction, entries: readonly Entry[]): Promise<void> {
  const written = entries.filter((entry) => entry.written.size > 0)
  for (const entry of entries) {
    if (entry.written.size === 0) entry.reason = {code: 'others-failed'}
  }
  await recordNewerImages(transaction, written)
  await Promise.all(written.map(async (entry) => attempt(transaction, entry)))
  try {
    await restoreDeletedTags(transaction, written)
    await convergeAfterRollback(transaction, written)
  } catch {
    // The failure that led here is the one to be told, and each tag has its row.
  }
}

/** A tag of commits gets the newer image that took another one of them meanwhile: what it held before is older still. */
async function recordNewerImages(transaction: Transaction, written: readonly Entry[]): Promise<void> {
  if (!written.some(({tag}) => tag.role.kind === 'newest-commit')) return
  try {
    const states = await transaction.read(transaction.request.tags.filter(({role}) => role.kind === 'newest-commit'))
    for (const entry of written) overtaking(transaction, entry, states)
  } catch {
    // What cannot be read is restored to what it held before.
  }
}

/** A cancellation may come while tags are taken back: then once more, by clients that outlive it. */
async function attempt(transaction: Transaction, entry: Entry): Promise<void> {
  const wasCancelled = transaction.isCancelled()
  try {
    await restore(transaction, entry)
  } catch (error) {
    if (!wasCancelled && transaction.isCancelled()) {
      await attempt(transaction, entry)
      return
    }
    entry.outcome = 'failed'
    entry.reason = {code: 'not-rolled-back', digest: entry.before, message: errorMessage(error)}
    entry.level = 'warning'
  }
}

async function restore(transaction: Transaction, entry: Entry): Promise<void> {
  const {repository, tag} = entry.tag.reference
  const held = await transaction.look(entry)
  entry.after = held
  if (!isOwnWork(entry, held)) {
    recordMoved(entry, held)
    return
  }
  const former = entry.overtakenBy ?? entry.before
  if (former === undefined) {
    await remove(transaction, entry)
    return
  }
  const content = await transaction.content(repository, former)
  const isSent = await transaction
    .client(repository)
    .putManifest(tag, content, whileOwnWork(transaction, entry, former))
  const now = isSent ? former : await transaction.look(entry)
  entry.after = now
  if (now === former) recordRestored(entry, former)
  else recordMoved(entry, now)
  if (isSent) entry.put = former
}

async function remove(transaction: Transaction, entry: Entry): Promise<void> {
  const {repository, tag} = entry.tag.reference
  // Some registries remove the manifest with the tag, and with that every other tag of it, in the plan or not.
  if (!transaction.request.isNewImage) {
    recordNotRemoved(entry)
    return
  }
  entry.removed = true
  entry.put = undefined
  try {
    if (await transaction.client(repository).deleteManifest(tag, whileOwnWork(transaction, entry))) {
      recordRestored(entry, undefined)
      return
    }
    entry.removed = false
    const now = await transaction.look(entry)
    entry.after = now
    recordMoved(entry, now)
  } catch {
    entry.removed = false
    recordNotRemoved(entry)
  }
}

/** Whether a tag holds what this run put there, or is to show it yet. */
function isOwnWork(entry: Entry, held: Digest | undefined): boolean {
  return isOutdated(entry, held) || (held !== undefined && entry.written.has(held))
}

/** Leave for each try after the first: a retry must not replace, or remove, what another run has put meanwhile. */
function whileOwnWork(transaction: Transaction, entry: Entry, former?: Digest): () => Promise<boolean> {
  let isFirst = true
  return async () => {
    const now = isFirst ? undefined : await transaction.look(entry)
    const goesOn = isFirst || (now !== former && isOwnWork(entry, now))
    isFirst = false
    if (goesOn && former !== undefined) entry.written.add(former)
    return goesOn
  }
}

function recordNotRemoved(entry: Entry): void {
  entry.outcome = 'new'
  entry.level = 'notice'
  entry.reason = {code: 'not-removed'}
}

/** The tag whose PUT failed stays `failed`, with the reason for it. */
function recordRestored(entry: Entry, digest: Digest | undefined): void {
  entry.after = digest
  if (entry.outcome === 'failed') return
  entry.outcome = 'restored'
  entry.reason = {code: 'rolled-back', digest}
}

function recordMoved(entry: Entry, held: Digest | undefined): void {
  if (entry.outcome === 'failed') return
  entry.outcome = held === entry.before ? 'restored' : 'kept'
  entry.reason = {code: 'moved-by-other-run', because: undefined}
}

/**
 * A registry that does not know tags from manifests would have deleted the exact tags of the digest too: that is looked
 * for, and they are put again.
 */
async function restoreDeletedTags(transaction: Transaction, written: readonly Entry[]): Promise<void> {
  const places = new Set(
    written.filter(({removed}) => removed).map(({tag}) => formatRepository(tag.reference.repository)),
  )
  const siblings = transaction.journal.filter(
    ({tag, after, removed}) =>
      places.has(formatRepository(tag.reference.repository)) && after !== undefined && !removed,
  )
  const lost = await Promise.all(
    siblings.map(async (entry) => {
      const {repository, tag} = entry.tag.reference
      const isThere = (await transaction.client(repository).head(tag)) !== undefined
      return isThere || entry.after === undefined ? [] : [{entry, digest: entry.after, expected: undefined}]
    }),
  )
  await transaction.put(lost.flat())
}
