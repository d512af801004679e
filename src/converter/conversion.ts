import type {Place} from '../workflow-file/workflow.ts'
import type {RemarkCode} from './remarks.ts'

/** Verdict on a job: `nothing` means that it has none of the actions. */
export type JobVerdict = 'converted' | 'partial' | 'refused' | 'nothing'

/**
 * Remark on a conversion: a `note` about what was written, something that was `kept` as it was, or a job that was
 * `refused`.
 */
export interface Remark {
  readonly code: RemarkCode
  readonly level: 'note' | 'kept' | 'refused'
  /** Place in the text before the conversion. */
  readonly place: Place
  readonly message: string
  readonly remedy?: string
}

/** Converted workflow. */
export interface Conversion {
  /** Text, byte for byte that of before where nothing was converted. */
  readonly text: string
  readonly changed: boolean
  /** Verdict by the ID of the job. */
  readonly jobs: ReadonlyMap<string, JobVerdict>
  readonly remarks: readonly Remark[]
}
