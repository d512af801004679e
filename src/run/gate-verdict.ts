import type {Digest} from '../oci/digest.ts'

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
  readonly tool?: GateTool
  /** Database of that program. */
  readonly data?: GateData
  /** Limits that the image had to keep, by the name of their input. */
  readonly limits?: Readonly<Record<string, string | boolean | readonly string[]>>
  readonly findings?: readonly Finding[]
}

interface GateTool {
  readonly name: string
  /** Version that the program states; empty if it states none. */
  readonly version: string
  /** SHA-256 of the program, in hexadecimal digits. */
  readonly sha256?: string
}

interface GateData {
  /** Repository or address. */
  readonly source?: string
  readonly digest?: string
  /** Time of its creation, as ISO 8601. */
  readonly date?: string
}

type Severity = 'critical' | 'high' | 'medium' | 'low' | 'negligible' | 'unknown'

/** Vulnerability of a package, on the platforms that have it. */
interface Finding {
  readonly id: string
  /** Other names of the vulnerability, such as CVE numbers. */
  readonly aliases: readonly string[]
  readonly severity: Severity
  readonly package: string
  /** Kind of package, such as `deb` or `npm`. */
  readonly type: string
  /** Whether a package manager of the operating system installed it. */
  readonly isOs: boolean
  readonly installed: string
  /** Versions without the vulnerability; empty if there is none yet. */
  readonly fixed: readonly string[]
  /** Statement of the source about a fix: `fixed`, `not-fixed`, `wont-fix` or `unknown`. */
  readonly state: FixState
  /** Package URL; empty if it is unknown. */
  readonly purl: string
  /** Digest of the uncompressed layer with the package. */
  readonly layer?: string
  /** Instruction that made the layer, or `base image`. */
  readonly origin?: string
  /** Platforms such as `linux/amd64`. */
  readonly platforms: readonly string[]
  /** Whether the baseline lacks it; absent without a baseline. */
  readonly isNew?: boolean
  /** Reason for which the scanner ignores it. */
  readonly suppressed?: string
  /** Web page about the vulnerability. */
  readonly url?: string
}

type FixState = 'fixed' | 'not-fixed' | 'wont-fix' | 'unknown'
