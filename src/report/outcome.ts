import {formatTagRef} from '../oci/reference.ts'
import {statedVersion} from '../tags/versions/version-order.ts'
import type {Report} from './report.ts'

/** Words for what a run did with the tags of an image, before its name. */
interface OutcomeWords {
  /** The run pointed tags to the image. */
  readonly done: string
  /** The tags pointed to the image before. */
  readonly already: string
  readonly partly: string
  readonly not: string
}

const published: OutcomeWords = {
  done: 'Published',
  already: 'Already published',
  partly: 'Partly published',
  not: 'Not published',
}

const promoted: OutcomeWords = {
  done: 'Promoted',
  already: 'Already promoted',
  partly: 'Partly promoted',
  not: 'Not promoted',
}

/** Words for the outcome of a run. */
export function outcomeWords(report: Report): OutcomeWords {
  if (report.action !== 'promote') return published
  return isRolledBack(report) ? {...promoted, done: 'Rolled back to'} : promoted
}

/** Reports whether a tag was moved to the image from one that states a higher version. */
function isRolledBack({plan, rows = [], staged, versions}: Report): boolean {
  const roles = new Map(plan.tags.map(({reference, role}) => [formatTagRef(reference), role]))
  return rows.some(({reference, outcome, before, after}) => {
    const role = roles.get(formatTagRef(reference))
    if (outcome !== 'moved' || after !== staged?.digest || before === undefined) return false
    return role?.kind === 'version-line' && (statedVersion(role, versions?.get(before))?.order ?? 0) > 0
  })
}
