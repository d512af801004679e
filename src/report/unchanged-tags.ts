import {TagboatError} from '../errors/error.ts'
import {remedies} from '../errors/remedies.ts'
import {changedRows, type Report} from './report.ts'

export const unchangedTags = 'No tag was changed.'

/** Reports whether a failed run was to move tags, and is known to have moved none. */
export function leftTagsAlone(report: Report): boolean {
  const {action, plan, called, dryRun, rows, builder} = report
  const moves = action !== 'stage' && plan.push.do && called === undefined && !dryRun
  if (!moves || changedRows(report).length > 0) return false
  // Such a builder pushes the tags with the build.
  return rows !== undefined || builder?.staging !== 'none'
}

/** Error of a failed run for the log. Its remedy says that no tag was changed, if the run was to move tags. */
export function withTagSentence(error: TagboatError, report: Report): TagboatError {
  if (!leftTagsAlone(report)) return error
  const {code, message, evidence, place, isAbsent, cause} = error
  const remedy = `${error.remedy ?? remedies[code]} ${unchangedTags}`
  return new TagboatError(code, {message, evidence, remedy, ...(place && {place}), isAbsent, cause})
}
