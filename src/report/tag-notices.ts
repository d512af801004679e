import {formatTagRef} from '../oci/reference.ts'
import type {ExplainedRow} from '../promote/explained-rows.ts'
import {namedImage} from './log-lines.ts'
import {isNotCreated, type Report} from './report.ts'

/** Annotation on tags that need attention. */
interface TagNotice {
  readonly level: 'notice' | 'warning'
  readonly text: string
}

/** Annotations on the tags that need attention. The same tag with the same result in several registries has one. */
export function tagNotices({rows = [], versions}: Pick<Report, 'rows' | 'versions'>): readonly TagNotice[] {
  const groups = Map.groupBy(rows, (row) =>
    JSON.stringify([row.level, row.reference.tag, resultOf(row, versions), row.reason]),
  )
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined || first.level === 'info') return []
    const names = group.map(({reference}) => formatTagRef(reference)).join(' and ')
    return [{level: first.level, text: `${names}${resultOf(first, versions, group.length > 1)}: ${first.reason}`}]
  })
}

function resultOf(row: ExplainedRow, versions: Report['versions'], isPlural = false): string {
  const {outcome, before, after} = row
  const be = isPlural ? 'are' : 'is'
  if (isNotCreated(row)) return ` ${be} not created`
  if (outcome === 'kept' && after !== undefined)
    return ` ${isPlural ? 'stay' : 'stays'} at ${namedImage(after, versions)}`
  if (outcome === 'moved' && before !== undefined)
    return ` ${isPlural ? 'were' : 'was'} moved from ${namedImage(before, versions)}`
  return outcome === 'new' || outcome === 'unchanged' ? ` ${be} ${outcome}` : ''
}
