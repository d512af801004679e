import type {NoValues, ReasonIn, ReasonTable} from './reason-table.ts'

/** Reasons to keep or delete a tag or an image. */
export interface RetentionReasons {
  readonly 'no-rule': NoValues
  /** Tag of signatures, attestations or other referrers of an image that exists. */
  readonly 'follows-subject': NoValues
}

export type RetentionReason = ReasonIn<RetentionReasons>

export const retentionReasons: ReasonTable<RetentionReasons> = {
  'no-rule': () => 'no line of the policy deletes it',
  'follows-subject': () => 'it belongs to an image, and goes with it',
}
