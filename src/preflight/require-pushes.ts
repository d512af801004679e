import {TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {isSameRepository} from '../oci/reference.ts'
import type {TagDecision} from '../promote/decide/tag-decision.ts'
import type {PushCheck} from './check-pushes.ts'
import {fixedTagError, lastingTagNotices} from './fixed-tags.ts'

/** Content that a run is going to write. */
interface Writes {
  /** Whether an image is built, which is pushed to all repositories. */
  readonly builds: boolean
  /** Decisions about the tags that do not point to the image yet. */
  readonly written: readonly TagDecision[]
}

/** Decisions about the tags that do not point to their targets yet. */
export function writtenOf(
  decisions: readonly TagDecision[],
  target: (tag: TagDecision['tag']) => Digest | undefined,
): readonly TagDecision[] {
  return decisions.filter(
    ({action, before, tag}) => action === 'put' && (before === undefined || before !== target(tag)),
  )
}

/**
 * Rejects a run that a registry would refuse. A published release whose tags stay needs no right to push. Returns notices
 * about tags that the run may create, and no later run may move.
 * @throws TagboatError with the refusal; the other refusals are in its evidence.
 */
export function requirePushes(checks: readonly PushCheck[], writes: Writes): readonly string[] {
  const refusals = checks.filter((check) => check.target.cache !== 'optional' && isWritten(check, writes))
  const [first, ...others] = refusals.flatMap(({refusal}) => (refusal === undefined ? [] : [refusal]))
  if (first !== undefined) throw withOthers(first, others)
  const fixed = checks.flatMap((check) => {
    return check.fixed === undefined ? [] : [{repository: check.target.repository, fixed: check.fixed, check}]
  })
  const error = fixedTagError(fixed, writes.written)
  if (error !== undefined) throw error
  // The notice of a repository that this run has created names the tags already.
  return lastingTagNotices(
    fixed.filter(({check}) => check.isNew !== true),
    writes.written,
  )
}

function isWritten({target}: PushCheck, {builds, written}: Writes): boolean {
  if (builds) return true
  return (
    target.cache === undefined && written.some(({tag}) => isSameRepository(tag.reference.repository, target.repository))
  )
}

function withOthers(first: TagboatError, others: readonly TagboatError[]): TagboatError {
  if (others.length === 0) return first
  const {code, message, evidence, remedy} = first
  const lines = others.flatMap((other) => [`${other.message} [${other.code}]`, ...other.evidence])
  return new TagboatError(code, {message, evidence: [...evidence, ...lines], remedy, cause: first})
}
