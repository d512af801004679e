import type {Digest} from '../oci/digest.ts'
import type {Finding, ScanData, ScanTool} from '../scanning/finding.ts'

/** Check that an image must pass before it gets tags. */
export type GateName = 'verify' | 'platforms' | 'size' | 'scan' | 'test'

/** Result of a gate. `skipped` is the outcome of a gate that was requested and could not decide. */
export interface GateVerdict {
  readonly gate: GateName
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** Sentence or values that explain the outcome. */
  readonly reason: string
  readonly durationMs: number
  /** Image that was judged: an index, or a single manifest. */
  readonly subject?: {readonly digest: Digest}
  /** Facts that show a failure, one line each. */
  readonly evidence?: readonly string[]
  /** Program that judged the image. */
  readonly tool?: ScanTool
  /** Database of that program. */
  readonly data?: ScanData
  /** Limits that the image had to keep, by the name of their input. */
  readonly limits?: Readonly<Record<string, string | boolean | readonly string[]>>
  readonly findings?: readonly Finding[]
}
