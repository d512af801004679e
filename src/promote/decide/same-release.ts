import type {Digest} from '../../oci/digest.ts'
import {
  differencesOf,
  lacksPlatformsOnly,
  parseDefinition,
  parseTagNames,
  type BuildDefinition,
  type Difference,
} from '../../plan/build-definition.ts'
import type {TagState, RepositoryState} from './registry-state.ts'
import {tagStateOf, type TargetTag, type RunFacts} from './tag-decision.ts'

/** How what a tag holds compares with what this run publishes. */
export type Standing =
  | {readonly kind: 'same'}
  /** It is of another commit, or one of the two does not say its commit. */
  | {readonly kind: 'commit'}
  /** It is of this commit, and was made from something else. */
  | {readonly kind: 'build'; readonly differences: readonly Difference[]}
  /** It was made from the same, for other tags: what it was made from may not be all that there is to know. */
  | {readonly kind: 'tags'}
  /** It is of this commit, one of the two does not say what it was made from, and not all exact tags of this run hold it. */
  | {readonly kind: 'unsaid'}

interface ReleaseQuestion {
  readonly tags: readonly TargetTag[]
  readonly states: readonly RepositoryState[]
  readonly thisRun: RunFacts
}

const same: Standing = {kind: 'same'}

/**
 * Compares with the release of this run. The digest decides alone. Otherwise the commit has to be the same, then what the
 * image was made from, then the tags that it was made for. An image that does not say what it was made from is the release
 * where every exact tag of this run holds it: nothing is missing then that could get a wrong content.
 */
export function releaseComparison(question: ReleaseQuestion): (current: TagState) => Standing {
  const {thisRun} = question
  const ours = definitionOf(thisRun.build)
  const isWhole = wholeReleases(question)
  return (current) => {
    if (current.digest === thisRun.digest) return same
    if (current.revision === undefined || current.revision !== thisRun.revision) return {kind: 'commit'}
    const theirs = definitionOf(current.build)
    if (theirs === undefined || ours === undefined) return isWhole(current.digest) ? same : {kind: 'unsaid'}
    // Before a build, the gate for platforms says best what is wrong with a release that lacks one.
    if (thisRun.digest === undefined && lacksPlatformsOnly(theirs, ours)) return same
    const differences = differencesOf(theirs, ours)
    if (differences.length > 0) return {kind: 'build', differences}
    return areForOneRelease(current.tags, thisRun.tags) || isWhole(current.digest) ? same : {kind: 'tags'}
  }
}

function definitionOf(text: string | undefined): BuildDefinition | undefined {
  return text === undefined ? undefined : parseDefinition(text)
}

/** A run may have more tags than the one before, or fewer. Each having some that the other lacks, they are two images. */
function areForOneRelease(held: string | undefined, thisRun: string | undefined): boolean {
  const [theirs, ours] = [parseTagNames(held ?? ''), parseTagNames(thisRun ?? '')]
  return ours.every((tag) => theirs.includes(tag)) || theirs.every((tag) => ours.includes(tag))
}

/** Whether a digest is held, in some repository, by each release tag of this run. */
function wholeReleases({tags, states}: ReleaseQuestion): (digest: Digest) => boolean {
  const releases = tags.filter(({role}) => role.kind === 'release')
  const names = new Set(releases.map(({reference}) => reference.tag))
  const held = Map.groupBy(
    releases.flatMap(({reference}) => tagStateOf(states, reference) ?? []),
    ({digest}) => digest,
  )
  return (digest) => new Set(held.get(digest)?.map(({reference}) => reference.tag)).size === names.size
}
