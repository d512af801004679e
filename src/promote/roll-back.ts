import {errorMessage} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {formatRepository} from '../oci/reference.ts'
import {isOutdated, type Entry} from './journal.ts'
import type {Transaction} from './transaction.ts'
import {convergeAfterRollback, recordNewerImage} from './converge.ts'

/**
 * Points floating tags to their previous digests, if they still point to what this run pushed. All of them are tried. A
 * tag that did not exist is deleted. If the registry cannot delete a tag (many cannot), or would delete more than the
 * tag, the tag stays: it points to a complete release. Never throws: the journal records what could not be rolled back.
 */
export async function rollBack(transaction: Transaction, entries: readonly Entry[]): Promise<void> {
  const pushed = entries.filter((entry) => entry.pushed.size > 0)
  for (const entry of entries) {
    if (entry.pushed.size === 0) entry.reason = {code: 'others-failed'}
  }
  await recordNewerImages(transaction, pushed)
  await Promise.all(pushed.map(async (entry) => rollBackTag(transaction, entry)))
  try {
    await restoreDeletedTags(transaction, pushed)
    await convergeAfterRollback(transaction, pushed)
  } catch {
    // The failure before the rollback is reported, and each tag has its row.
  }
}

/** Records newer images. Tags for commits get these instead of their previous digests, which are older still. */
async function recordNewerImages(transaction: Transaction, pushed: readonly Entry[]): Promise<void> {
  if (!pushed.some(({tag}) => tag.role.kind === 'newest-commit')) return
  try {
    const newest = transaction.request.tags.filter(({role}) => role.kind === 'newest-commit')
    const states = await transaction.read(newest)
    for (const entry of pushed) recordNewerImage(transaction, entry, states)
  } catch {
    // A tag that cannot be read is pointed to its previous digest.
  }
}

/** Rolls a tag back. If the run is cancelled meanwhile, it tries again with clients that are not cancelled. */
async function rollBackTag(transaction: Transaction, entry: Entry): Promise<void> {
  const wasCancelled = transaction.isCancelled()
  try {
    await restore(transaction, entry)
  } catch (error) {
    if (!wasCancelled && transaction.isCancelled()) {
      await rollBackTag(transaction, entry)
      return
    }
    entry.outcome = 'failed'
    entry.reason = {code: 'not-rolled-back', digest: entry.before, message: errorMessage(error)}
    entry.level = 'warning'
  }
}

async function restore(transaction: Transaction, entry: Entry): Promise<void> {
  const {repository, tag} = entry.tag.reference
  const current = await transaction.readDigest(entry)
  entry.after = current
  if (!isFromThisRun(entry, current)) {
    recordMoved(entry, current)
    return
  }
  const previous = entry.overtakenBy ?? entry.before
  if (previous === undefined) {
    await remove(transaction, entry)
    return
  }
  const content = await transaction.content(repository, previous)
  const proceed = proceedIfFromThisRun(transaction, entry, previous)
  const isSent = await transaction.client(repository).putManifest(tag, content, proceed)
  const after = isSent ? previous : await transaction.readDigest(entry)
  entry.after = after
  if (after === previous) recordRestored(entry, previous)
  else recordMoved(entry, after)
  if (isSent) entry.accepted = previous
}

async function remove(transaction: Transaction, entry: Entry): Promise<void> {
  const {repository, tag} = entry.tag.reference
  // Some registries delete the manifest with the tag, and so all other tags of that manifest.
  if (!transaction.request.isNewImage) {
    recordNotRemoved(entry)
    return
  }
  entry.removed = true
  entry.accepted = undefined
  try {
    if (await transaction.client(repository).deleteManifest(tag, proceedIfFromThisRun(transaction, entry))) {
      recordRestored(entry, undefined)
      return
    }
    entry.removed = false
    const current = await transaction.readDigest(entry)
    entry.after = current
    recordMoved(entry, current)
  } catch {
    entry.removed = false
    recordNotRemoved(entry)
  }
}

/** Reports whether a tag points to what this run pushed, or the registry does not show the PUT yet. */
function isFromThisRun(entry: Entry, current: Digest | undefined): boolean {
  return isOutdated(entry, current) || (current !== undefined && entry.pushed.has(current))
}

/**
 * Returns a function that is called before each attempt of a request, and reports whether to send it. A retry must not
 * replace or delete what another run has pushed meanwhile.
 */
function proceedIfFromThisRun(transaction: Transaction, entry: Entry, previous?: Digest): () => Promise<boolean> {
  let isFirst = true
  return async () => {
    const current = isFirst ? undefined : await transaction.readDigest(entry)
    const proceeds = isFirst || (current !== previous && isFromThisRun(entry, current))
    isFirst = false
    if (proceeds && previous !== undefined) entry.pushed.add(previous)
    return proceeds
  }
}

function recordNotRemoved(entry: Entry): void {
  entry.outcome = 'new'
  entry.level = 'notice'
  entry.reason = {code: 'not-removed'}
}

/** Records a rollback. A tag whose PUT failed stays `failed`, with the reason of that failure. */
function recordRestored(entry: Entry, digest: Digest | undefined): void {
  entry.after = digest
  if (entry.outcome === 'failed') return
  entry.outcome = 'restored'
  entry.reason = {code: 'rolled-back', digest}
}

/** Records that another run has moved a tag, so that it is not rolled back. */
function recordMoved(entry: Entry, current: Digest | undefined): void {
  if (entry.outcome === 'failed') return
  entry.outcome = current === entry.before ? 'restored' : 'kept'
  entry.reason = {code: 'moved-by-other-run', because: undefined}
}

/**
 * Pushes tags again that the registry deleted together with the removed tags: some registries delete the manifest of a
 * tag, and so its exact tags too.
 */
async function restoreDeletedTags(transaction: Transaction, pushed: readonly Entry[]): Promise<void> {
  const repositories = new Set(
    pushed.filter(({removed}) => removed).map(({tag}) => formatRepository(tag.reference.repository)),
  )
  const others = transaction.journal.filter(
    ({tag, after, removed}) =>
      repositories.has(formatRepository(tag.reference.repository)) && after !== undefined && !removed,
  )
  const lost = await Promise.all(
    others.map(async (entry) => {
      const {repository, tag} = entry.tag.reference
      const exists = (await transaction.client(repository).head(tag)) !== undefined
      return exists || entry.after === undefined ? [] : [{entry, digest: entry.after, expected: undefined}]
    }),
  )
  await transaction.put(lost.flat())
}
