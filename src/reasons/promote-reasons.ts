import {shortDigest, type Digest} from '../oci/digest.ts'
import {commitReasons, type CommitReason, type CommitReasons} from './commit-reasons.ts'
import {floatingReasons, type FloatingReason, type FloatingReasons} from './floating-reasons.ts'
import {formatWith, type NoValues, type ReasonIn, type ReasonTable} from './reason-table.ts'
import {releaseReasons, type ReleaseReason, type ReleaseReasons} from './release-reasons.ts'

/** Reasons of a decision, before anything is pushed. */
export type DecisionReason = ReleaseReason | FloatingReason | CommitReason

/** Events of a tag while tags are pushed. */
export interface PromoteReasons {
  readonly 'not-reached': NoValues
  /** The image could not be published to this repository, which is not required. */
  readonly 'image-failed': {readonly message: string}
  readonly 'push-failed': {readonly message: string}
  readonly 'push-unverified': NoValues
  /** The tag pointed to a lower version, as a killed run leaves it. */
  readonly 'moved-to-highest': {readonly version: string; readonly repository: string}
  /** `because` was the decision. */
  readonly 'not-moved-to-highest': {readonly because: DecisionReason; readonly message: string}
  readonly 'moved-by-newer-commit': NoValues
  readonly 'moved-by-other-run': {readonly because: DecisionReason | undefined}
  readonly 'published-meanwhile': {readonly version: string}
  readonly 'commit-published-meanwhile': NoValues
  /** The tag would point to this image, which the gates of this run have not judged. */
  readonly 'not-judged': {readonly digest: Digest}
  /** The registry showed the tag at this image of a newer commit. */
  readonly 'newer-commit-seen': {readonly digest: Digest}
  /** This run did not push the tag. */
  readonly 'others-failed': NoValues
  /** This run pushed the tag, and rolled it back to `digest`; undefined: removed it. */
  readonly 'rolled-back': {readonly digest: Digest | undefined}
  readonly 'not-rolled-back': {readonly digest: Digest | undefined; readonly message: string}
  readonly 'not-removed': NoValues
}

export type PromoteReason = ReasonIn<PromoteReasons>

export const decisionReasons: ReasonTable<ReleaseReasons & FloatingReasons & CommitReasons> = {
  ...releaseReasons,
  ...floatingReasons,
  ...commitReasons,
}

export const promoteReasons: ReasonTable<PromoteReasons> = {
  'not-reached': () => 'the run ended before this tag',
  'image-failed': ({message}) => `not published: ${message}`,
  'push-failed': ({message}) => `could not be pushed: ${message}`,
  'push-unverified': () => 'the registry does not show what was pushed',
  'moved-to-highest': ({version, repository}) =>
    `${version} is the highest version in ${repository}, and the tag pointed to a lower one`,
  'not-moved-to-highest': ({because, message}) =>
    `${formatWith(decisionReasons, because)}; the tag could not be moved there: ${message}`,
  'moved-by-newer-commit': () => 'a run of a newer commit moved its tags meanwhile',
  'moved-by-other-run': ({because}) =>
    `another run moved it meanwhile${because === undefined ? '' : `: ${formatWith(decisionReasons, because)}`}`,
  'published-meanwhile': ({version}) => `${version} was published meanwhile`,
  'commit-published-meanwhile': () => 'another run published this commit at the same time',
  'not-judged': ({digest}) => `another run published ${shortDigest(digest)} meanwhile, which this run has not checked`,
  'newer-commit-seen': ({digest}) => `it pointed to a newer commit, ${shortDigest(digest)}, during this run`,
  'others-failed': () => 'not pushed, because other tags failed',
  'rolled-back': ({digest}) =>
    `${digest === undefined ? 'removed again' : `moved back to ${shortDigest(digest)}`}, because other tags failed`,
  'not-rolled-back': ({digest, message}) =>
    `could not be ${digest === undefined ? 'removed' : `moved back to ${shortDigest(digest)}`}: ${message}`,
  'not-removed': () => 'could not be removed again; the image is complete',
}

const rowReasons = {...decisionReasons, ...promoteReasons}

/** Sentence of the reason of a tag. A publication loads these tables; `formatReason` has all of them. */
export function formatRowReason(reason: DecisionReason | PromoteReason): string {
  return formatWith(rowReasons, reason)
}
