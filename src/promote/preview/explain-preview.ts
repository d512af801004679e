import {explainRows, type ExplainedRow} from '../explained-rows.ts'
import type {PromoteRow} from '../journal.ts'

/** Adds the reasons. Those of a refusal are about a run that has not happened. */
export function explainPreview(rows: readonly PromoteRow[]): readonly ExplainedRow[] {
  return explainRows(rows).map((row, index) => {
    const reason = rows[index]?.reason
    if (reason?.code === 'image-failed') return {...row, reason: reason.message}
    return reason?.code === 'others-failed' ? {...row, reason: 'other tags would end a real run'} : row
  })
}
