import type {Digest} from '../../oci/digest.ts'
import {
  differencesOf,
  lacksPlatformsOnly,
  parseDefinition,
  parseTagNames,
  type BuildDefinition,
  type Difference,
} from '../../plan/build-definition.ts'
import {identifies} from '../../tags/tag-role.ts'
import type {RepositoryState, TagState} from './registry-state.ts'
import {tagStateOf, type TargetTag, type RunFacts} from './tag-decision.ts'

/** Comparison of the image of a tag with the release of this run. */
export type ReleaseComparison =
  | {readonly kind: 'same'}
  /** The commits differ, or one of them is unknown. */
  | {readonly kind: 'other-commit'}
  /** The commit is the same, and the build definitions differ. */
  | {readonly kind: 'other-build'; readonly differences: readonly Difference[]}
  /**
   * The build definition is the same, and the exact tags differ: a definition does not show the content of a context.
   */
  | {readonly kind: 'other-tags'}
  /** The commit is the same, one of the build definitions is unknown, and not all exact tags point to the image. */
  | {readonly kind: 'unknown-build'}

interface ReleaseQuestion {
  readonly tags: readonly TargetTag[]
  readonly states: readonly RepositoryState[]
  readonly thisRun: RunFacts
}

const same: ReleaseComparison = {kind: 'same'}

/**
 * Creates a function that compares an image with the release of this run. Equal digests are the same release. Otherwise
 * the commits must be equal, then the build definitions, then the exact tags of the builds. An image without a build
 * definition is the same release if every exact tag of this run points to it: no tag is missing, so none can get
 * another content.
 */
export function releaseComparer(question: ReleaseQuestion): (current: TagState) => ReleaseComparison {
  const {thisRun} = question
  const definition = definitionOf(thisRun.build)
  const isWhole = wholeReleases(question)
  return (current) => {
    if (current.digest === thisRun.digest) return same
    if (current.revision === undefined || current.revision !== thisRun.revision) return {kind: 'other-commit'}
    const currentDefinition = definitionOf(current.build)
    if (currentDefinition === undefined || definition === undefined)
      return isWhole(current.digest) ? same : {kind: 'unknown-build'}
    // Before a build, the platform gate has the better message for a release that lacks a platform.
    if (thisRun.digest === undefined && lacksPlatformsOnly(currentDefinition, definition, thisRun.isPart)) return same
    const differences = differencesOf(currentDefinition, definition, thisRun.isPart)
    if (differences.length > 0) return {kind: 'other-build', differences}
    return areForOneRelease(current.tags, thisRun.tags) || isWhole(current.digest) ? same : {kind: 'other-tags'}
  }
}

function definitionOf(text: string | undefined): BuildDefinition | undefined {
  return text === undefined ? undefined : parseDefinition(text)
}

/**
 * Reports whether the tags of one build include those of the other: the rules may have gained or lost a tag in between.
 * If each has a tag that the other lacks, they are two images.
 */
function areForOneRelease(currentTags: string | undefined, newTags: string | undefined): boolean {
  const [before, now] = [parseTagNames(currentTags ?? ''), parseTagNames(newTags ?? '')]
  return now.every((tag) => before.includes(tag)) || before.every((tag) => now.includes(tag))
}

/** Creates a function that reports whether each tag that identifies the release points to a digest, in some repository. */
function wholeReleases({tags, states}: ReleaseQuestion): (digest: Digest) => boolean {
  const releases = tags.filter(({role}) => identifies(role, tags))
  const names = new Set(releases.map(({reference}) => reference.tag))
  const byDigest = Map.groupBy(
    releases.flatMap(({reference}) => tagStateOf(states, reference) ?? []),
    ({digest}) => digest,
  )
  return (digest) => new Set(byDigest.get(digest)?.map(({reference}) => reference.tag)).size === names.size
}
