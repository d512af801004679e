import type {NoValues, ReasonIn, ReasonTable} from './reason-table.ts'

/** Reasons to keep or delete a tag or an image. */
export interface RetentionReasons {
  readonly 'no-rule': NoValues
}

export type RetentionReason = ReasonIn<RetentionReasons>

export const retentionReasons: ReasonTable<RetentionReasons> = {
  'no-rule': () => 'no line of the policy deletes it',
}
