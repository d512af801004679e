import {TagboatError} from '../../errors/error.ts'
import {formatTagRef} from '../../oci/reference.ts'
import {aroundPart, parseTagNames} from '../../plan/build-definition.ts'
import {takenTexts, type TakenReason} from '../../reasons/taken-reasons.ts'
import {describeSide, shortened} from './describe-build.ts'
import type {ExactTag, ReleaseRefusal} from './decide-release.ts'
import type {ReleaseComparison} from './same-release.ts'
import type {RunFacts} from './tag-decision.ts'

/** Error of a refusal, with one line of evidence per tag. */
export function refusalError({code, tags}: ReleaseRefusal, thisRun: RunFacts): TagboatError {
  return code === 'tag-exists'
    ? new TagboatError(code, {evidence: tags.flatMap(describeTag)})
    : takenError(tags, thisRun)
}

function takenError(taken: readonly ExactTag[], thisRun: RunFacts): TagboatError {
  const evidence = [...taken.flatMap(describeTag), describeThisRun(taken, thisRun)]
  return new TagboatError('tag-taken', {evidence, ...takenTexts(takenReason(taken))})
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

type BuildFacts = Pick<RunFacts, 'tags' | 'build'>

/**
 * Clause on the build of one of two images that were compared, for the end of a line of evidence: its exact tags and
 * the parts of its build definition that differ. Empty if they do not explain the comparison.
 */
function describeBuild(
  comparison: ReleaseComparison | undefined,
  {tags, build}: BuildFacts,
  side: 'current' | 'thisRun',
): string {
  switch (comparison?.kind) {
    case 'other-build':
      return `${forTags(tags)}, built from ${listed(comparison.differences.map((one) => describeSide(one, side)))}`
    case 'other-tags':
      return forTags(tags)
    case 'unknown-build':
      return build === undefined ? ', without a build definition' : ''
    default:
      return ''
  }
}

function forTags(tags: string | undefined): string {
  const names = parseTagNames(tags ?? '')
  return names.length === 0 ? '' : `, built for ${listed(names)}`
}

function listed(texts: readonly string[]): string {
  return shortened(texts).join(', ')
}
