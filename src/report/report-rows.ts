import type {PromoteRow} from '../promote/journal.ts'
import {formatReason} from '../reasons/reason.ts'
import type {ReportRow} from './report.ts'

/** Rows of a promotion for the report: each reason as code and sentence. A dry run does not load these tables. */
export function reportRows(rows: readonly PromoteRow[]): readonly ReportRow[] {
  return rows.map(({reason, ...row}) => ({...row, code: reason.code, reason: formatReason(reason)}))
}
