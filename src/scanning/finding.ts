/** Severities, the worst first. */
export const severities = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'] as const

export type Severity = (typeof severities)[number]

/**
 * Statement about a fix. `unknown`: the database does not know one. `unstated`: the format of the report has no place for
 * it.
 */
export type FixState = 'fixed' | 'not-fixed' | 'wont-fix' | 'unknown' | 'unstated'

/** Vulnerability of a package. */
interface Vulnerability {
  readonly id: string
  /** Other names of the vulnerability, such as CVE numbers. */
  readonly aliases: readonly string[]
  readonly severity: Severity
  readonly package: string
  /** Kind of package, such as `deb` or `npm`; empty if it is unknown. */
  readonly type: string
  /** Packages of the operating system, and those of a language. */
  readonly kind: 'os' | 'library'
  readonly installed: string
  /** Versions without the vulnerability. */
  readonly fixed: readonly string[]
  readonly state: FixState
  /** Package URL; empty if it is unknown. */
  readonly purl: string
  /** Instruction that made the layer with the package, or `base image`. */
  readonly origin?: string
  /** Line of that instruction in the Dockerfile. */
  readonly line?: number
  /** Reason for which the scanner ignores it. */
  readonly suppressed?: string
  /** Message of the report about a finding without a package. */
  readonly text?: string
  /** Web page about the vulnerability. */
  readonly url?: string
}

/** Vulnerability in the report about one platform. */
export interface ReportedFinding extends Vulnerability {
  /** Digest of the uncompressed layer (`diff_id`). */
  readonly layer?: string
}

/** Vulnerability with the platforms that have it. */
export interface Finding extends Vulnerability {
  /** Platforms such as `linux/amd64`. */
  readonly platforms: readonly string[]
  /** Whether the baseline lacks it on one of these platforms; absent without a baseline. */
  readonly isNew?: boolean
}

/** Program that wrote a report. */
export interface ScanTool {
  readonly name: string
  /** Version that the program states; empty if it states none. */
  readonly version: string
  /** SHA-256 of the program or of its release archive, in hexadecimal digits. */
  readonly sha256?: string
}

/** Vulnerability database. */
export interface ScanData {
  /** Repository or address. */
  readonly source?: string
  readonly digest?: string
  /** Time of its creation, as ISO 8601. */
  readonly date?: string
}

/** Report about one platform, whatever its format. */
export interface ScanReport {
  readonly findings: readonly ReportedFinding[]
  readonly tool: ScanTool
  readonly data?: ScanData
  /** Reason for which the report does not have everything that the scanner found, or should have found. */
  readonly incomplete?: string | undefined
  /** Statements of the report about the image. A format may lack them. */
  readonly scanned: ScannedImage
}

/** Image that a report describes. */
interface ScannedImage {
  readonly digest?: string
  readonly os?: string
  readonly architecture?: string
}

/** Severity with this name, in any case; `unknown` for another name. */
export function severityOf(name: unknown): Severity {
  const text = typeof name === 'string' ? name.toLowerCase() : ''
  return severities.find((one) => one === text) ?? 'unknown'
}

/** Position of a severity; 0 is the worst. */
export function severityRank(severity: Severity): number {
  return severities.indexOf(severity)
}

/** CVE number of a vulnerability, or else its first name. Databases prefer different names. */
export function commonId({id, aliases}: Pick<Vulnerability, 'id' | 'aliases'>): string {
  return [id, ...aliases].find((name) => name.startsWith('CVE-')) ?? id
}

/** Identity of a vulnerability of a package, whatever the version of the package. */
export function findingKey(finding: Pick<Vulnerability, 'id' | 'aliases' | 'package' | 'type' | 'text'>): string {
  return JSON.stringify([commonId(finding), finding.package || (finding.text ?? ''), finding.type])
}

/** Orders the worst findings first: by severity, with a fix before without, then by name. */
function compareFindings(a: Vulnerability, b: Vulnerability): number {
  return (
    severityRank(a.severity) - severityRank(b.severity) ||
    Number(a.fixed.length === 0) - Number(b.fixed.length === 0) ||
    compare(a.package, b.package) ||
    compare(a.id, b.id) ||
    compare(a.installed, b.installed)
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Merges the findings of the platforms: the same one is listed once, with its platforms. The worst is the first. */
export function mergeFindings(
  reports: readonly {readonly platform: string; readonly findings: readonly ReportedFinding[]}[],
): readonly Finding[] {
  const merged = new Map<string, Finding>()
  for (const {platform, findings} of reports) {
    for (const finding of findings) {
      const key = `${findingKey(finding)} ${finding.installed} ${finding.suppressed === undefined}`
      const known = merged.get(key)
      const platforms = known?.platforms ?? []
      const worst = known === undefined || compareFindings(finding, known) < 0 ? finding : known
      merged.set(key, {...worst, platforms: platforms.includes(platform) ? platforms : [...platforms, platform]})
    }
  }
  return [...merged.values()].sort(compareFindings)
}
