import type {VersionLineRole} from '../../tags/tag-role.ts'
import {isUserNamed} from '../../tags/named-tag-role.ts'
import {
  highestAbove,
  lineName,
  statedVersion,
  type ListedVersion,
  type StatedVersion,
} from '../../tags/versions/version-order.ts'
import {differencesOf, parseDefinition} from '../../plan/build-definition.ts'
import type {DecisionReason} from '../../reasons/promote-reasons.ts'
import type {ImageDifference} from '../../reasons/release-reasons.ts'
import {compareCommits, type CommitOrder} from './compare-commits.ts'
import type {TagState} from './registry-state.ts'
import type {RunFacts} from './tag-decision.ts'
import {imageDifference} from './describe-difference.ts'

interface Listed {
  /** Undefined: the tag does not exist. */
  readonly current: Pick<TagState, 'version'> | undefined
  /** Undefined: the registry does not list tags. */
  readonly tags: readonly string[] | undefined
}

/**
 * The highest listed version that a tag of this line must not go below. A name such as `lts` promises no more than not to go
 * back: there, the list has a word only where the tag holds something that does not say its version.
 */
export function higherListed(role: VersionLineRole, {current, tags}: Listed): ListedVersion | undefined {
  if (tags === undefined) return undefined
  if (role.promise === 'not-lower' && (current === undefined || statedVersion(role, current.version) !== undefined))
    return undefined
  return highestAbove(role, tags)
}

/**
 * Whether versions do not tell which image is newer: both are of the same version, and no exact tag says which build of it is the
 * release; or the user named the tag, and the image there does not say its version.
 */
export function restsOnCommits(role: VersionLineRole, {version}: Pick<TagState, 'version'>): boolean {
  const held = statedVersion(role, version)
  return held === undefined ? isUserNamed(role) : held.order === 0 && (isUserNamed(role) || role.affixes.length === 0)
}

/**
 * How the image of a tag differs from that of this run, where both are of the same version and commit. They are two
 * images for one name, such as two steps of a workflow make, and each would take the tag from the other. Undefined where they may be
 * the same.
 */
export function otherImage(role: VersionLineRole, current: TagState, thisRun: RunFacts): ImageDifference | undefined {
  if (current.revision === undefined || current.revision !== thisRun.revision) return undefined
  if (current.build === undefined || thisRun.build === undefined) return undefined
  if (statedVersion(role, current.version)?.order !== 0) return undefined
  const differences = differencesOf(parseDefinition(current.build), parseDefinition(thisRun.build))
  return differences.length === 0 ? undefined : imageDifference(differences)
}

/** Order of two runs, and what decides it. */
export interface RunOrder {
  readonly order: CommitOrder['order']
  readonly because: DecisionReason
}

/** How a run relates to another one that has put its own image meanwhile. `isListed`: a list of tags has no higher version. */
export function orderOfRuns(
  role: VersionLineRole,
  {current, thisRun, isListed}: {readonly current: TagState; readonly thisRun: RunFacts; readonly isListed: boolean},
): RunOrder {
  const held = statedVersion(role, current.version)
  if (held !== undefined && held.order > 0)
    return {order: 'older', because: {code: 'points-to-higher-version', higher: held.version, version: role.version}}
  const other = otherImage(role, current, thisRun)
  if (other !== undefined) return {order: 'same', because: {code: 'other-image', ...other, isSkipped: false}}
  if (isUserNamed(role) && restsOnCommits(role, current)) return compareCommits(current, thisRun)
  if (isListed || (held !== undefined && held.order < 0)) return {order: 'newer', because: newerReason(role, held)}
  return {order: 'unclear', because: {code: 'version-order-unknown'}}
}

function newerReason(role: VersionLineRole, held: StatedVersion | undefined): DecisionReason {
  return held !== undefined && held.order < 0
    ? {code: 'points-to-lower-version', lower: held.version, version: role.version}
    : {code: 'highest-version', version: role.version, line: lineName(role)}
}
