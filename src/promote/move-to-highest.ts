import {errorMessage} from '../errors/error.ts'
import {formatRepository} from '../oci/reference.ts'
import type {TagDecision} from './decide/tag-decision.ts'
import {entryOf} from './journal.ts'
import {includesTag, readRelease} from './listed-release.ts'
import type {Transaction} from './transaction.ts'

/**
 * Moves floating version tags that point to a lower version than a published one of their version line to the highest,
 * as the run of that version should have done. This happens after the tags of this run. A tag that cannot be moved gets
 * a warning, and the run does not fail.
 * @returns the number of tags that were moved.
 */
export async function moveToHighest(transaction: Transaction, decisions: readonly TagDecision[]): Promise<number> {
  const moved = await Promise.all(decisions.map(async (decision) => moveTag(transaction, decision)))
  return moved.filter(Boolean).length
}

async function moveTag(transaction: Transaction, {tag, before, higher, reason}: TagDecision): Promise<boolean> {
  if (higher === undefined || transaction.isCancelled()) return false
  const entry = entryOf(transaction.journal, tag)
  try {
    const release = await readRelease(transaction.client(tag.reference.repository), higher)
    if (release === undefined || release.digest === before || !includesTag(release, higher.tag, tag)) return false
    const {digest} = release
    entry.movedToHighest = true
    entry.level = 'notice'
    const repository = formatRepository(tag.reference.repository)
    entry.reason = {code: 'moved-to-highest', version: higher.version, repository}
    await transaction.put([{entry, digest, expected: before}])
    return true
  } catch (error) {
    entry.movedToHighest = false
    // If the PUT took effect anyway, the tag is correct.
    entry.pushed.clear()
    entry.outcome = 'kept'
    entry.after = before
    entry.level = 'warning'
    entry.reason = {code: 'not-moved-to-highest', because: reason, message: errorMessage(error)}
    return false
  }
}
