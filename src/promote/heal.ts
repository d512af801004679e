import {errorMessage} from '../errors/error.ts'
import {formatRepository} from '../oci/reference.ts'
import type {TagDecision} from './decide/tag-decision.ts'
import {entryOf} from './journal.ts'
import {includesTag, readRelease} from './other-release.ts'
import type {Session} from './transaction.ts'

/**
 * Moves floating version tags that hold a lower version than a published one of their line to the highest, as the run of that
 * version should have left them. It comes after this run's own tags: a tag that cannot be moved gets a warning, and the run
 * does not fail.
 * @returns how many tags were put.
 */
export async function heal(session: Session, decisions: readonly TagDecision[]): Promise<number> {
  const healed = await Promise.all(decisions.map(async (decision) => healOne(session, decision)))
  return healed.filter(Boolean).length
}

async function healOne(session: Session, {tag, before, higher, reason}: TagDecision): Promise<boolean> {
  if (higher === undefined || session.isCancelled()) return false
  const entry = entryOf(session.journal, tag)
  try {
    const release = await readRelease(session.client(tag.reference.repository), higher)
    if (release === undefined || release.digest === before || !includesTag(release, higher.tag, tag)) return false
    const {digest} = release
    entry.healed = true
    entry.level = 'notice'
    const repository = formatRepository(tag.reference.repository)
    entry.reason = {code: 'moved-to-highest', version: higher.version, repository}
    await session.put([{entry, digest, expected: before}])
    return true
  } catch (error) {
    entry.healed = false
    // If it took effect all the same, the tag is right.
    entry.written.clear()
    entry.outcome = 'kept'
    entry.after = before
    entry.level = 'warning'
    entry.reason = {code: 'not-moved-to-highest', because: reason, message: errorMessage(error)}
    return false
  }
}
