import type {ScanLimits} from '../inputs/scan/scan-inputs.ts'
import {severities, type Finding, type ScanData, type ScanTool} from './finding.ts'
import {excuseOf, excuses, isSevere, type Excuse, type JudgedFindings} from './judge-findings.ts'
import {sentence} from './write-sarif.ts'

/** Number of findings that the error lists. */
const maxListed = 20

/** Log line of a platform: the numbers of its findings, and how many are new. */
export function platformLine(
  platform: string,
  {all}: JudgedFindings,
  {
    tool,
    data,
    baseline,
  }: {readonly tool: ScanTool; readonly data?: ScanData | undefined; readonly baseline?: string | undefined},
): string {
  const own = all.filter(({platforms}) => platforms.includes(platform))
  const news =
    baseline === undefined ? '' : ` (${own.filter(({isNew}) => isNew === true).length} new since ${baseline})`
  return `scan  ${platform}  ${toolText(tool)}${databaseText(data)}: ${counts(own)}${news}`
}

/** Name and version of a scanner. */
function toolText({name, version}: ScanTool): string {
  return version === '' ? name : `${name} ${version}`
}

function databaseText(data: ScanData | undefined): string {
  return data?.date === undefined ? '' : `, database of ${data.date.slice(0, 10)}`
}

/** Numbers of findings by severity: `1 critical, 2 high (3 ignored)`; `nothing`. */
function counts(findings: readonly Finding[]): string {
  const shown = findings.filter(({suppressed}) => suppressed === undefined)
  const parts = severities.flatMap((severity) => {
    const count = shown.filter((one) => one.severity === severity).length
    return count === 0 ? [] : [`${count} ${severity}`]
  })
  const ignored = findings.length - shown.length
  const text = parts.length === 0 ? 'nothing' : parts.join(', ')
  return ignored === 0 ? text : `${text} (${ignored} ignored)`
}

/**
 * Text of the verdict, with the reasons for which severe findings do not fail: `1 critical of 15 findings (scan-fail-on:
 * high); 2 high have no fix`.
 */
export function verdictText({all, failing, gone}: JudgedFindings, limits: ScanLimits): string {
  const shown = all.filter(({suppressed}) => suppressed === undefined).length
  const total = shown === 1 ? '1 finding' : `${shown} findings`
  const what =
    failing.length === 0 ? (shown === 0 ? 'no findings' : `${total}, none fails`) : `${counts(failing)} of ${total}`
  const ignored = shown === all.length ? '' : `, ${all.length - shown} ignored`
  const rest = gone === undefined || gone === 0 ? '' : `; ${gone} of the baseline ${gone === 1 ? 'is' : 'are'} gone`
  const excused = excusedTexts(all, limits).map((text) => `; ${text}`)
  return `${what}${ignored} (scan-fail-on: ${limits.failOn})${excused.join('')}${rest}`
}

/** Numbers of findings that are severe enough to fail, with the reason why they do not. Ignored ones are counted before. */
function excusedTexts(all: readonly Finding[], limits: ScanLimits): readonly string[] {
  const severe = all.filter((one) => isSevere(one, limits))
  return excuses.flatMap((excuse) => {
    const own = severe.filter((one) => excuseOf(one, limits) === excuse)
    if (own.length === 0 || excuse === 'ignored') return []
    return [`${counts(own)} ${own.length === 1 ? excuseTexts[excuse].one : excuseTexts[excuse].several}`]
  })
}

const excuseTexts = {
  type: {one: 'is of a type that scan-types leaves out', several: 'are of types that scan-types leaves out'},
  unfixed: {one: 'has no fix', several: 'have no fix'},
  old: {one: 'is not new', several: 'are not new'},
} as const satisfies Readonly<Record<Exclude<Excuse, 'ignored'>, object>>

/** Lines about the findings that fail, the worst first. */
export function failingLines({failing}: JudgedFindings): readonly string[] {
  const lines = failing.slice(0, maxListed).map((one) => `${sentence(one)} (${one.platforms.join(', ')})`)
  return failing.length > maxListed ? [...lines, `and ${failing.length - maxListed} more`] : lines
}
