import {field} from '../oci/manifest.ts'
import type {ReportedFinding, ScanReport, Severity} from './finding.ts'
import {listField, textField, textsField, urlField, withUrl} from './json-fields.ts'

/**
 * Reads a SARIF 2.1.0 report of any scanner (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html). SARIF has
 * no place for packages and fixes; scanners write them into properties or only into texts. Undefined if the value is
 * none.
 */
export function readSarif(value: unknown): ScanReport | undefined {
  const runs = listField(value, 'runs')
  if (!textField(value, 'version').startsWith('2.') || runs.length === 0) return undefined
  const drivers = runs.map((run) => field(field(run, 'tool'), 'driver'))
  if (drivers.some((driver) => textField(driver, 'name') === '')) return undefined
  const [first] = drivers
  const version = textField(first, 'semanticVersion') || textField(first, 'version')
  return {
    findings: runs.flatMap((run, index) => findingsOf(run, drivers[index])),
    tool: {name: textField(first, 'name').toLowerCase(), version},
    scanned: {},
  }
}

function findingsOf(run: unknown, driver: unknown): readonly ReportedFinding[] {
  const rules = listField(driver, 'rules')
  const byId = new Map(rules.map((rule) => [textField(rule, 'id'), rule]))
  return listField(run, 'results').flatMap((result) => {
    const index = field(result, 'ruleIndex')
    const rule = byId.get(textField(result, 'ruleId')) ?? (typeof index === 'number' ? rules[index] : undefined)
    const kind = textField(result, 'kind')
    return kind === '' || kind === 'fail' ? finding(result, rule) : []
  })
}

function finding(result: unknown, rule: unknown): readonly ReportedFinding[] {
  const id = textField(result, 'ruleId') || textField(rule, 'id')
  if (id === '') return []
  const properties = [field(result, 'properties'), field(rule, 'properties')]
  const [suppression] = listField(result, 'suppressions')
  const fixed = firstText(properties, ['fixedVersion', 'fixed_version'])
  const isFixed = fixed !== '' && fixed !== 'not fixed'
  return [
    {
      id,
      aliases: properties.flatMap((one) => textsField(one, 'cve').concat(textsField(one, 'aliases'))),
      severity: severity(result, rule),
      ...packageOf(result, properties),
      fixed: isFixed ? [fixed] : [],
      state: isFixed ? 'fixed' : 'unstated',
      ...(suppression !== undefined && {suppressed: textField(suppression, 'justification') || 'a suppression'}),
      ...withUrl(urlField(rule, 'helpUri')),
    },
  ]
}

/** First text in these fields of the properties of a result and its rule; empty if there is none. */
function firstText(properties: readonly unknown[], names: readonly string[]): string {
  const texts = properties.flatMap((one) => names.map((name) => textField(one, name)))
  return texts.find((text) => text !== '') ?? ''
}

/** Package of a result: by its package URL, by a property, by its place, or else the beginning of its message. */
function packageOf(
  result: unknown,
  properties: readonly unknown[],
): Pick<ReportedFinding, 'package' | 'type' | 'kind' | 'installed' | 'purl'> {
  const lists = properties.flatMap((one) => textsField(one, 'purls'))
  const purl = firstText(properties, ['purl']) || (lists[0] ?? '')
  const {type = '', name = '', version = ''} = purlParts(purl) ?? {}
  const [place] = listField(result, 'locations')
  const [logical] = listField(place, 'logicalLocations')
  const texts = [
    firstText(properties, ['packageName', 'affected_package']),
    name,
    textField(logical, 'fullyQualifiedName'),
    textField(field(result, 'message'), 'text').slice(0, 120),
  ]
  return {
    package: texts.find((text) => text !== '') ?? '',
    type,
    kind: osTypes.has(type) ? 'os' : 'library',
    installed: version,
    purl,
  }
}

const osTypes: ReadonlySet<string> = new Set(['deb', 'rpm', 'apk'])

/** Parts of a package URL: https://github.com/package-url/purl-spec */
function purlParts(purl: string): {readonly type: string; readonly name: string; readonly version: string} | undefined {
  const [, type, path, version = ''] = /^pkg:([a-z0-9.+-]+)\/([^?#@]+|@[^?#@]+)(?:@([^?#]+))?/i.exec(purl) ?? []
  if (type === undefined || path === undefined) return undefined
  const name = type === 'npm' || type === 'golang' ? path : path.slice(path.lastIndexOf('/') + 1)
  return {type, name: decoded(name), version: decoded(version)}
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Severity by the score that GitHub reads too, or else by the level. */
function severity(result: unknown, rule: unknown): Severity {
  const scores = [result, rule].map((one) => field(field(one, 'properties'), 'security-severity'))
  const score = scores.map(Number).find((one) => Number.isFinite(one) && one > 0)
  if (score !== undefined) return score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'medium' : 'low'
  const level = textField(result, 'level') || textField(field(rule, 'defaultConfiguration'), 'level')
  return levels.get(level) ?? 'medium'
}

const levels: ReadonlyMap<string, Severity> = new Map([
  ['error', 'high'],
  ['warning', 'medium'],
  ['note', 'low'],
  ['none', 'negligible'],
])
