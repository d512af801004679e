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
import {compareCommits, overWithdrawn, type CommitOrder} from './compare-commits.ts'
import type {TagState} from './registry-state.ts'
import type {RunFacts} from './tag-decision.ts'
import {imageDifference} from './describe-build.ts'

/** State of a tag, and the tags beside it. */
interface TagSurroundings {
  /** State of the tag; undefined if it does not exist. */
  readonly current: Pick<TagState, 'version' | 'withdrawn'> | undefined
  /** Tags of the repository; undefined if the registry does not list them. */
  readonly tags: readonly string[] | undefined
}

/**
 * Highest listed version that a tag of this version line must not go below. A name such as `lts` only promises not to
 * go back: the list counts only if the image that it points to does not state its version.
 */
export function higherListed(role: VersionLineRole, {current, tags}: TagSurroundings): ListedVersion | undefined {
  if (tags === undefined) return undefined
  if (role.promise === 'not-lower' && (current === undefined || statedVersion(role, current.version) !== undefined))
    return undefined
  return highestAbove(role, tags)
}

/**
 * Reports whether versions cannot decide which image is newer. Either both have the same version, and no exact tag
 * shows which build of it is the release; or the user named the tag, and its image does not state a version.
 */
export function dependsOnCommits(role: VersionLineRole, {version}: Pick<TagState, 'version'>): boolean {
  const stated = statedVersion(role, version)
  return stated === undefined
    ? isUserNamed(role)
    : stated.order === 0 && (isUserNamed(role) || role.affixes.length === 0)
}

/**
 * Difference between the image of a tag and that of this run, if they have the same version and commit: two steps of a
 * workflow may build two images for one name, and each would move the tag away from the other. Undefined if they may be
 * the same image.
 */
export function otherImage(role: VersionLineRole, current: TagState, thisRun: RunFacts): ImageDifference | undefined {
  if (current.revision === undefined || current.revision !== thisRun.revision) return undefined
  if (current.build === undefined || thisRun.build === undefined) return undefined
  if (statedVersion(role, current.version)?.order !== 0) return undefined
  const differences = differencesOf(parseDefinition(current.build), parseDefinition(thisRun.build), thisRun.isPart)
  return differences.length === 0 ? undefined : imageDifference(differences)
}

/** Order of this run and another one, with the reason. */
export interface RunOrder {
  readonly order: CommitOrder['order']
  readonly because: DecisionReason
}

/**
 * Compares this run with one that has moved the tag meanwhile. With `isListed`, the tags are known, and none is higher.
 */
export function orderOfRuns(
  role: VersionLineRole,
  {current, thisRun, isListed}: {readonly current: TagState; readonly thisRun: RunFacts; readonly isListed: boolean},
): RunOrder {
  if (current.withdrawn !== undefined) return overWithdrawn(current.withdrawn)
  const stated = statedVersion(role, current.version)
  if (stated !== undefined && stated.order > 0)
    return {order: 'older', because: {code: 'points-to-higher-version', higher: stated.version, version: role.version}}
  const other = otherImage(role, current, thisRun)
  if (other !== undefined) return {order: 'same', because: {code: 'other-image', ...other, isSkipped: false}}
  if (isUserNamed(role) && dependsOnCommits(role, current)) return compareCommits(current, thisRun)
  if (isListed || (stated !== undefined && stated.order < 0))
    return {order: 'newer', because: newerReason(role, stated)}
  return {order: 'unclear', because: {code: 'version-order-unknown'}}
}

function newerReason(role: VersionLineRole, stated: StatedVersion | undefined): DecisionReason {
  return stated !== undefined && stated.order < 0
    ? {code: 'points-to-lower-version', lower: stated.version, version: role.version}
    : {code: 'highest-version', version: role.version, line: lineName(role)}
}
