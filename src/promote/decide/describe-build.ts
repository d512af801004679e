import {describePart, parseTagNames, type Difference} from '../../plan/build-definition.ts'
import type {ImageDifference} from '../../reasons/release-reasons.ts'
import type {ReleaseComparison} from './same-release.ts'
import type {RunFacts} from './tag-decision.ts'

type BuildFacts = Pick<RunFacts, 'tags' | 'build'>

/**
 * Clause on the build of one of two images that were compared, for the end of a line of evidence: its exact tags and
 * the parts of its build definition that differ. Empty if they do not explain the comparison.
 */
export function describeBuild(
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

/** Both sides of the differences between two images of one commit. */
export function imageDifference(differences: readonly Difference[]): ImageDifference {
  return {
    current: shortened(differences.map((one) => describeSide(one, 'current'))),
    thisRun: shortened(differences.map((one) => describeSide(one, 'thisRun'))),
  }
}

function forTags(tags: string | undefined): string {
  const names = parseTagNames(tags ?? '')
  return names.length === 0 ? '' : `, built for ${listed(names)}`
}

function describeSide({name, ...values}: Difference, side: 'current' | 'thisRun'): string {
  return describePart(name, values[side])
}

const maxListed = 8

function listed(texts: readonly string[]): string {
  return shortened(texts).join(', ')
}

/** The first texts, and the number of the others. */
export function shortened(texts: readonly string[]): readonly string[] {
  const rest = texts.length - maxListed
  return [...texts.slice(0, maxListed), ...(rest > 0 ? [`${rest} more`] : [])]
}
