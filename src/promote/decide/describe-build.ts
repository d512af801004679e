import {describePart, type Difference} from '../../plan/build-definition.ts'
import type {ImageDifference} from '../../reasons/release-reasons.ts'

/** Both sides of the differences between two images of one commit. */
export function imageDifference(differences: readonly Difference[]): ImageDifference {
  return {
    current: shortened(differences.map((one) => describeSide(one, 'current'))),
    thisRun: shortened(differences.map((one) => describeSide(one, 'thisRun'))),
  }
}

/** Text of one side of a difference. */
export function describeSide({name, ...values}: Difference, side: 'current' | 'thisRun'): string {
  return describePart(name, values[side])
}

const maxListed = 8

/** The first texts, and the number of the others. */
export function shortened(texts: readonly string[]): readonly string[] {
  const rest = texts.length - maxListed
  return [...texts.slice(0, maxListed), ...(rest > 0 ? [`${rest} more`] : [])]
}
