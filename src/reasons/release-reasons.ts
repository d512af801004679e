import {shortDigest, type Digest} from '../oci/digest.ts'
import type {NoValues, ReasonIn, ReasonTable} from './reason-table.ts'

/** Two images of one commit: what each was built from, as far as they differ. */
export interface ImageDifference {
  /** Parts of the image that the tag points to: `target rootless`. */
  readonly current: readonly string[]
  /** Parts of the image of this run. */
  readonly thisRun: readonly string[]
}

/** Reasons of the decision on an exact tag. */
export interface ReleaseReasons {
  readonly 'new-tag': NoValues
  readonly 'up-to-date': NoValues
  /** The tag gets the digest of a release that is published already. */
  readonly 'completes-release': {readonly digest: Digest}
  readonly 'if-exists-overwrite': NoValues
  readonly 'if-exists-skip': NoValues
  /** This run builds nothing, and the release `tag` is not its own. */
  readonly 'other-release': {readonly tag: string; readonly is: 'other-commit' | 'other-image'}
  /** A commit tag may point to any image of its commit. */
  readonly 'same-commit-image': NoValues
  /** A commit tag points to an image that does not name its commit. */
  readonly 'commit-unknown': NoValues
  /** A second build of the release; `digest` is the first one. */
  readonly 'other-build': {readonly digest: Digest; readonly repository: string}
  readonly 'other-image': ImageDifference & {readonly isSkipped: boolean}
}

export type ReleaseReason = ReasonIn<ReleaseReasons>

export const releaseReasons: ReasonTable<ReleaseReasons> = {
  'new-tag': () => 'new tag',
  'up-to-date': () => 'already up to date',
  'completes-release': ({digest}) => `completes the release ${shortDigest(digest)}`,
  'if-exists-overwrite': () => 'if-exists: overwrite',
  'if-exists-skip': () => 'if-exists: skip',
  'other-release': ({tag, is}) =>
    `${tag} points to ${is === 'other-commit' ? 'an image of another commit' : 'another image of this commit'}, and nothing is built (if-exists: skip)`,
  'same-commit-image': () => 'it points to an image of this commit',
  'commit-unknown': () => 'the tag names this commit, and the image does not name its commit',
  'other-build': ({digest, repository}) =>
    `it points to another build of this commit than ${shortDigest(digest)} in ${repository}`,
  'other-image': ({isSkipped, ...images}) => `${differenceText(images)}${isSkipped ? ' (if-exists: skip)' : ''}`,
}

/** Clause on a tag that points to another image of this run's commit. */
export function differenceText({current, thisRun}: ImageDifference): string {
  return `it points to another image of this commit, built from ${current.join(', ')}; this run builds from ${thisRun.join(', ')}`
}
