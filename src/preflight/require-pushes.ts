import {TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {isSameRepository} from '../oci/reference.ts'
import type {TagDecision} from '../promote/decide/tag-decision.ts'
import type {PushCheck} from './check-pushes.ts'
import {fixedTagError} from './fixed-tags.ts'

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
 * Rejects a run that a registry would refuse. A published release whose tags stay needs no right to push.
 * @throws TagboatError with the refusal; the other refusals are in its evidence.
 */
export function requirePushes(checks: readonly PushCheck[], writes: Writes): void {
  const refusals = checks.filter((check) => check.target.cache !== 'optional' && isWritten(check, writes))
  const [first, ...others] = refusals.flatMap(({refusal}) => (refusal === undefined ? [] : [refusal]))
  if (first !== undefined) throw withOthers(first, others)
  const error = fixedTagError(
    checks.flatMap(({target, fixed}) => (fixed === undefined ? [] : [{repository: target.repository, fixed}])),
    writes.written,
  )
  if (error !== undefined) throw error
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
