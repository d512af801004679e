import {TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {formatTagRef} from '../oci/reference.ts'
import type {RepositoryState} from './decide/registry-state.ts'
import {tagStateOf} from './decide/tag-decision.ts'
import type {Entry} from './journal.ts'

interface HeldEntry {
  readonly entry: Entry
  readonly held: Digest | undefined
}

/** An entry with what its tag holds. */
export function withCurrent(entry: Entry, states: readonly RepositoryState[]): HeldEntry {
  return {entry, held: tagStateOf(states, entry.tag.reference)?.digest}
}

/** The error `publish-unverified`. */
export function unverified(lines: readonly HeldEntry[]): TagboatError {
  for (const {entry, held} of lines) {
    entry.after = held
    entry.outcome = 'failed'
    entry.reason = {code: 'push-unverified'}
  }
  const evidence = lines.map(({entry, held}) => `${formatTagRef(entry.tag.reference)} holds ${held ?? 'nothing'}`)
  return new TagboatError('publish-unverified', {evidence})
}
