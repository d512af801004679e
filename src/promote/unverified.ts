import {TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {formatTagRef, type TagRef} from '../oci/reference.ts'
import type {RepositoryState} from './decide/registry-state.ts'
import {tagStateOf} from './decide/tag-decision.ts'
import type {Entry} from './journal.ts'

/** An entry, and the digest that its tag points to; undefined if the tag does not exist. */
interface CurrentEntry {
  readonly entry: Entry
  readonly current: Digest | undefined
}

export function withCurrent(entry: Entry, states: readonly RepositoryState[]): CurrentEntry {
  return {entry, current: tagStateOf(states, entry.tag.reference)?.digest}
}

/** Records that tags do not point to what this run pushed. Returns the error `publish-unverified`. */
export function unverified(entries: readonly CurrentEntry[]): TagboatError {
  for (const {entry, current} of entries) {
    entry.after = current
    entry.outcome = 'failed'
    entry.reason = {code: 'push-unverified'}
  }
  const evidence = entries.map(({entry, current}) => describeTarget(entry.tag.reference, current))
  return new TagboatError('publish-unverified', {evidence})
}

/** Line of evidence on the digest that a tag points to. */
export function describeTarget(reference: TagRef, current: Digest | undefined): string {
  const name = formatTagRef(reference)
  return current === undefined ? `${name} does not exist` : `${name} points to ${current}`
}
