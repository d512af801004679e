import type {ScanLimits} from '../inputs/scan/scan-inputs.ts'
import {findingKey, severityRank, type Finding, type ReportedFinding} from './finding.ts'

/** Findings of an image, divided by what they mean for the gate. */
export interface JudgedFindings {
  /** All findings, the worst first; whether each is new is known with a baseline. */
  readonly all: readonly Finding[]
  /** Findings that the limits do not allow. */
  readonly failing: readonly Finding[]
  /** Findings of the baseline that the image no longer has; undefined without a baseline. */
  readonly gone: number | undefined
}

/** Reports about the baseline, by platform. */
export type Baseline = ReadonlyMap<string, readonly ReportedFinding[]>

/** Divides the findings by the limits of the inputs. */
export function judgeFindings(
  findings: readonly Finding[],
  limits: ScanLimits,
  baseline: Baseline | undefined,
): JudgedFindings {
  const keys = baseline && new Map([...baseline].map(([platform, found]) => [platform, keysOf(found)]))
  const all = keys === undefined ? findings : findings.map((one) => ({...one, isNew: isNew(one, keys)}))
  return {all, failing: all.filter((one) => fails(one, limits)), gone: keys && countGone(findings, keys)}
}

function keysOf(findings: readonly ReportedFinding[]): ReadonlySet<string> {
  return new Set(findings.filter(({suppressed}) => suppressed === undefined).map(findingKey))
}

function isNew(finding: Finding, keys: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const key = findingKey(finding)
  return finding.platforms.some((platform) => keys.get(platform)?.has(key) !== true)
}

/** Number of findings of the baseline that the image lacks, on the platforms that both have. */
function countGone(findings: readonly Finding[], baseline: ReadonlyMap<string, ReadonlySet<string>>): number {
  const gone = [...baseline].flatMap(([platform, keys]) => {
    const now = new Set(findings.filter(({platforms}) => platforms.includes(platform)).map(findingKey))
    return [...keys].filter((key) => !now.has(key))
  })
  return new Set(gone).size
}

/** Reason for which a finding that is severe enough does not fail the gate. */
export const excuses = ['ignored', 'type', 'unfixed', 'old'] as const
export type Excuse = (typeof excuses)[number]

/** Reports whether a finding fails the gate. */
function fails(finding: Finding, limits: ScanLimits): boolean {
  return isSevere(finding, limits) && excuseOf(finding, limits) === undefined
}

/** Reports whether a finding has a severity that fails. An unknown severity counts as low. */
export function isSevere({severity}: Pick<Finding, 'severity'>, {failOn}: Pick<ScanLimits, 'failOn'>): boolean {
  return failOn !== 'none' && severityRank(severity === 'unknown' ? 'low' : severity) <= severityRank(failOn)
}

/** Reason for which a finding cannot fail the gate, whatever its severity; undefined if there is none. */
export function excuseOf(
  {suppressed, kind, fixed, state, isNew: news}: Finding,
  {ignoreUnfixed, types, onlyNew}: Omit<ScanLimits, 'failOn'>,
): Excuse | undefined {
  if (suppressed !== undefined) return 'ignored'
  if (!types.includes(kind)) return 'type'
  if (ignoreUnfixed && fixed.length === 0 && state !== 'unstated') return 'unfixed'
  return onlyNew && news === false ? 'old' : undefined
}
