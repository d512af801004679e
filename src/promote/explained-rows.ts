import {formatRowReason} from '../reasons/promote-reasons.ts'
import type {PromoteRow} from './journal.ts'

/** Outcome of a reference, with the reason as code and sentence. */
export interface ExplainedRow extends Omit<PromoteRow, 'reason'> {
  readonly code: PromoteRow['reason']['code']
  readonly reason: string
}

/** Adds the sentences of the reasons, for the log, the outputs and the job summary. */
export function explainRows(rows: readonly PromoteRow[]): readonly ExplainedRow[] {
  return rows.map(({reason, ...row}) => ({...row, code: reason.code, reason: formatRowReason(reason)}))
}
