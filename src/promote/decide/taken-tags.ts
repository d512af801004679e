import {TagboatError} from '../../errors/error.ts'
import {formatTagRef} from '../../oci/reference.ts'
import {aroundPart} from '../../plan/build-definition.ts'
import {takenTexts, type TakenReason} from '../../reasons/taken-reasons.ts'
import {describeBuild, shortened} from './describe-build.ts'
import type {TagState} from './registry-state.ts'
import type {ReleaseComparison} from './same-release.ts'
import type {RunFacts, TargetTag} from './tag-decision.ts'

/** An exact tag, and its current image compared with the release of this run. */
export interface ExactTag {
  readonly tag: TargetTag
  /** State of the tag; undefined if it does not exist. */
  readonly current: TagState | undefined
  readonly comparison: ReleaseComparison | undefined
}

/** @throws TagboatError `tag-taken` if a tag points to something else, with one line of evidence per tag. */
export function refuseTaken(exact: readonly ExactTag[], thisRun: RunFacts): void {
  const taken = exact.filter((one) => isTaken(one, thisRun))
  if (taken.length === 0) return
  const evidence = [...taken.flatMap(describeTag), describeThisRun(taken, thisRun)]
  throw new TagboatError('tag-taken', {evidence, ...takenTexts(takenReason(taken))})
}

/** @throws TagboatError `tag-exists` if a release tag exists, with one line of evidence per tag. */
export function refuseExisting(exact: readonly ExactTag[]): void {
  const existing = exact.filter(({tag, current}) => tag.role.kind === 'release' && current !== undefined)
  if (existing.length > 0) throw new TagboatError('tag-exists', {evidence: existing.flatMap(describeTag)})
}

/** Reports whether a tag points to something else. A commit tag may point to any image of its commit. */
function isTaken({tag, current, comparison}: ExactTag, thisRun: RunFacts): boolean {
  if (current === undefined || comparison === undefined || comparison.kind === 'same') return false
  if (tag.role.kind === 'release') return true
  return comparison.kind === 'other-commit' && current.revision !== undefined && thisRun.revision !== undefined
}

/** Reason why tags are taken. It chooses the message and the remedy of the error. */
function takenReason(taken: readonly Pick<ExactTag, 'tag' | 'comparison'>[]): TakenReason {
  const comparisons = taken.flatMap(({comparison}) => comparison ?? [])
  const differences = comparisons.flatMap((one) => (one.kind === 'other-build' ? one.differences : []))
  const isAny = (kind: ReleaseComparison['kind']): boolean => comparisons.some((one) => one.kind === kind)
  const names = differences.flatMap(({name}) => (name.startsWith('arg:') ? name.slice('arg:'.length) : []))
  const isPackaging = differences.length > 0 && differences.every(({name}) => name === aroundPart)
  const rows: readonly (readonly [boolean, TakenReason])[] = [
    [!taken.some(({tag}) => tag.role.kind === 'release'), {code: 'short-hash'}],
    [isAny('other-commit'), {code: 'other-commit'}],
    [isAny('unknown-build') && differences.length === 0, {code: 'no-build-definition'}],
    [names.length > 0 && names.length === differences.length, {code: 'build-arguments', names: shortened(names)}],
    [isPackaging, {code: 'packaging-commit'}],
  ]
  return rows.find(([applies]) => applies)?.[1] ?? {code: 'build-definition'}
}

function describeTag({tag, current, comparison}: ExactTag): readonly string[] {
  if (current === undefined) return []
  const {digest, revision = 'unknown', created} = current
  const date = created === undefined ? '' : `, created ${created}`
  const build = describeBuild(comparison, current, 'current')
  return [`${formatTagRef(tag.reference)} points to ${digest}${date}, revision ${revision}${build}`]
}

function describeThisRun(taken: readonly ExactTag[], thisRun: RunFacts): string {
  const {revision} = thisRun
  const image = revision === undefined ? 'an image without a revision' : `revision ${revision}`
  const build = taken.map(({comparison}) => describeBuild(comparison, thisRun, 'thisRun')).find((text) => text !== '')
  return `this run publishes ${image}${build ?? ''}`
}
