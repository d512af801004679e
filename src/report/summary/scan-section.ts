import type {GateVerdict} from '../../run/gate-verdict.ts'
import {commonId, severities, type Finding} from '../../scanning/finding.ts'
import {code, details, link, table, text} from './markdown.ts'
import type {Report} from '../report.ts'

/** Number of findings in the tables of a scanner. */
const maxRows = 50

/** Sections about the scans of a run: findings by platform, and folded, the findings themselves. */
export function scanSections({gates = []}: Report): readonly string[] {
  return gates.filter(({gate}) => gate === 'scan').flatMap(scanSection)
}

function scanSection({outcome, reason, tool, data, findings}: GateVerdict): readonly string[] {
  if (findings === undefined) return []
  const program = [tool?.name, tool?.version].filter((part) => part !== undefined && part !== '').join(' ')
  const database = data?.date === undefined ? '' : `, database of ${text(data.date.slice(0, 10))}`
  const verdict = `**Scan ${outcome}** by ${text(program === '' ? 'a scanner' : program)}${database}: ${text(reason)}.`
  const shown = findings.filter(({suppressed}) => suppressed === undefined)
  const ignored = findings.filter(({suppressed}) => suppressed !== undefined)
  return [
    verdict,
    ...platformTable(shown),
    ...findingTable(`${count(shown.length, 'finding')}, the worst first`, shown),
    ...findingTable(count(ignored.length, 'ignored finding'), ignored),
  ]
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** Numbers of findings by platform and severity. */
function platformTable(findings: readonly Finding[]): readonly string[] {
  const platforms = [...new Set(findings.flatMap((one) => one.platforms))].sort()
  const used = severities.filter((severity) => findings.some((one) => one.severity === severity))
  const hasBaseline = findings.some(({isNew}) => isNew !== undefined)
  if (platforms.length === 0) return []
  const rows = platforms.map((platform) => {
    const own = findings.filter((one) => one.platforms.includes(platform))
    const numbers = used.map((severity) => String(own.filter((one) => one.severity === severity).length))
    return [
      code(platform),
      ...numbers,
      ...(hasBaseline ? [String(own.filter(({isNew}) => isNew === true).length)] : []),
    ]
  })
  return [table(['Platform', ...used, ...(hasBaseline ? ['new'] : [])], rows)]
}

function findingTable(title: string, findings: readonly Finding[]): readonly string[] {
  if (findings.length === 0) return []
  const rows = findings
    .slice(0, maxRows)
    .map((one) => [
      one.severity,
      link(text(one.id), one.url)[0] ?? text(one.id),
      text([one.package || (one.text ?? ''), one.installed].filter((part) => part !== '').join(' ')),
      one.fixed.length === 0 ? fixless[one.state] : text(one.fixed.join(', ')),
      one.platforms.map(code).join(', '),
      remark(one),
    ])
  const rest =
    findings.length > maxRows ? `\n\nand ${findings.length - maxRows} more, see the output \`scan-sarif\`.` : ''
  const head = ['Severity', 'Vulnerability', 'Package', 'Fixed in', 'Platforms', 'Remark']
  return [details(title, `${table(head, rows)}${rest}`)]
}

/** Cell of a finding without the version of a fix. */
const fixless = {
  fixed: 'a fix exists',
  'not-fixed': 'no fix',
  'wont-fix': 'will not be fixed',
  unknown: 'no known fix',
  unstated: 'not stated',
} as const

/** CVE number, layer, news and reason of a finding. */
function remark(finding: Finding): string {
  const common = commonId(finding)
  const parts = [
    ...(finding.isNew === true ? ['new'] : []),
    ...(common === finding.id ? [] : [text(common)]),
    ...(finding.origin === undefined ? [] : [finding.origin === 'base image' ? finding.origin : code(finding.origin)]),
    ...(finding.suppressed === undefined ? [] : [`ignored: ${text(finding.suppressed)}`]),
  ]
  return parts.join('; ')
}
