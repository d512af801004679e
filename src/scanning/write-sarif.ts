import {commonId, findingKey, type Finding, type ScanTool, type Severity} from './finding.ts'

/** Facts for a SARIF document. */
interface SarifRequest {
  readonly findings: readonly Finding[]
  readonly tool: ScanTool
  /** Name of the image. */
  readonly image: string
  /** Path of the Dockerfile in the repository. */
  readonly dockerfile: string
}

/**
 * Results that GitHub reads of a run, and the number of its rules and tags:
 * https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 */
const maxResults = 25_000
const maxBytes = 40 * 1024 * 1024

/**
 * SARIF 2.1.0 document for GitHub's code scanning: one run with one result for each finding, the worst first. The
 * fingerprints do not contain versions, so that an alert stays open while a package is updated without a fix.
 */
export function writeSarif(request: SarifRequest): string {
  const shown = request.findings.filter(({suppressed}) => suppressed === undefined)
  for (let count = Math.min(shown.length, maxResults); ; count = Math.floor(count / 2)) {
    const text = JSON.stringify(document({...request, findings: shown.slice(0, count)}), undefined, 2)
    if (text.length <= maxBytes || count === 0) return `${text}\n`
  }
}

function document({findings, tool, image, dockerfile}: SarifRequest): object {
  const ids = [...new Map(findings.map((one) => [one.id, one])).values()]
  const indexes = new Map(ids.map(({id}, index) => [id, index]))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        automationDetails: {id: `tagboat/${image}/`},
        tool: {driver: {name: tool.name, ...(tool.version !== '' && {version: tool.version}), rules: ids.map(rule)}},
        results: findings.map((finding) => ({
          ruleId: finding.id,
          ruleIndex: indexes.get(finding.id),
          level: levels[finding.severity],
          message: {text: `${sentence(finding)}. On ${finding.platforms.join(', ')}.`},
          locations: [
            {
              physicalLocation: {
                artifactLocation: {uri: dockerfile, uriBaseId: '%SRCROOT%'},
                region: {startLine: finding.line ?? 1},
              },
            },
          ],
          partialFingerprints: {'tagboatFinding/v1': findingKey(finding)},
          properties: {
            package: finding.package,
            installed: finding.installed,
            fixed: finding.fixed,
            purl: finding.purl,
            platforms: finding.platforms,
            ...(finding.origin !== undefined && {layer: finding.origin}),
            ...(finding.isNew !== undefined && {isNew: finding.isNew}),
          },
        })),
      },
    ],
  }
}

/** Text about a finding, without a full stop: severity, names, versions and layer. */
export function sentence(finding: Finding): string {
  const {id, severity, installed, fixed, origin} = finding
  const common = commonId(finding)
  const name = common === id ? id : `${id} (${common})`
  const fix = fixed.length === 0 ? fixless[finding.state] : `fixed in ${fixed.join(', ')}`
  const from = origin === undefined ? '' : `, from ${origin === 'base image' ? 'the base image' : `\`${origin}\``}`
  if (finding.package === '') {
    const said = (finding.text ?? '').replace(/\.$/, '')
    return `${severity}: ${name}${said === '' ? '' : `: ${said}`}${from}`
  }
  return `${severity}: ${name} in ${finding.package}${installed === '' ? '' : ` ${installed}`}, ${fix}${from}`
}

const fixless = {
  fixed: 'with a fix',
  'not-fixed': 'without a fix',
  'wont-fix': 'which will not be fixed',
  unknown: 'without a known fix',
  unstated: 'see the scanner for a fix',
} as const

function rule(finding: Finding): object {
  const {id, url, severity, package: name} = finding
  return {
    id,
    name: 'Vulnerability',
    shortDescription: {text: name === '' ? id : `${id} in ${name}`},
    fullDescription: {
      text: name === '' ? sentence(finding) : `${severity} vulnerability ${commonId(finding)} in the package ${name}`,
    },
    ...(url !== undefined && {helpUri: url}),
    help: {text: url === undefined ? id : `${id}: ${url}`},
    defaultConfiguration: {level: levels[severity]},
    properties: {'security-severity': scores[severity], tags: ['security', 'vulnerability', severity]},
  }
}

const levels: Readonly<Record<Severity, string>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  negligible: 'note',
  unknown: 'warning',
}

/** Scores that GitHub translates back into these severities. */
const scores: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
  negligible: '0.5',
  unknown: '2.0',
}
