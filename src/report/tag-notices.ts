import {formatRepository, formatTagRef} from '../oci/reference.ts'
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
    const {reference, level, reason} = first
    const repositories = group.map((row) => formatRepository(row.reference.repository))
    const [name, where] =
      repositories.length === 1 ? [formatTagRef(reference), ''] : [reference.tag, ` in ${repositories.join(' and ')}`]
    return [{level, text: `${name}${resultOf(first, versions)}${where}: ${reason}`}]
  })
}

function resultOf(row: ExplainedRow, versions: Report['versions']): string {
  const {outcome, before, after} = row
  if (isNotCreated(row)) return ' is not created'
  if (outcome === 'kept' && after !== undefined) return ` stays at ${namedImage(after, versions)}`
  if (outcome === 'moved' && before !== undefined) return ` was moved from ${namedImage(before, versions)}`
  return outcome === 'new' || outcome === 'unchanged' ? ` is ${outcome}` : ''
}
