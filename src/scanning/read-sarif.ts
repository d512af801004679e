import {field} from '../oci/manifest.ts'
import type {ReportedFinding, ScanReport, Severity} from './finding.ts'
import {listField, readEntries, textField, textsField, urlField, withUrl} from './json-fields.ts'
import {osTypes} from './os-types.ts'

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
  const read = runs.map((run) => readEntries(listField(run, 'results').filter(isFinding), (one) => finding(one, run)))
  return {
    findings: read.flatMap(({read: findings}) => findings),
    incomplete: runs
      .map(failureOf)
      .concat(read.map(({incomplete}) => incomplete))
      .find((one) => one !== undefined),
    tool: {name: textField(first, 'name').toLowerCase(), version},
    scanned: {},
  }
}

/** Reason for which a run has no results, or not all of them (sections 3.14.23 and 3.20.14). */
function failureOf(run: unknown): string | undefined {
  const isFailed = listField(run, 'invocations').some((one) => field(one, 'executionSuccessful') === false)
  if (isFailed) return 'the report states that the scan was not successful (executionSuccessful: false)'
  return Array.isArray(field(run, 'results')) ? undefined : 'a run in the report lacks its results'
}

/** Kinds of results that are not a problem (section 3.27.9). A result of an unknown kind may be one. */
const harmlessKinds: readonly string[] = ['pass', 'notApplicable', 'informational']

function isFinding(result: unknown): boolean {
  return !harmlessKinds.includes(textField(result, 'kind')) && textField(result, 'baselineState') !== 'absent'
}

/** Rule of a result in the driver or in an extension of the tool: by `rule`, or by `ruleId` and `ruleIndex`. */
function ruleOf(result: unknown, run: unknown): unknown {
  const [tool, reference] = [field(run, 'tool'), field(result, 'rule')]
  const component = field(reference, 'toolComponent')
  const [position, name] = [field(component, 'index'), textField(component, 'name')]
  const extensions = listField(tool, 'extensions')
  const named = extensions.find((one) => name !== '' && textField(one, 'name') === name)
  const extension = (typeof position === 'number' ? extensions[position] : undefined) ?? named
  const rules = listField(extension ?? field(tool, 'driver'), 'rules')
  const id = idOf(result)
  const index = [field(result, 'ruleIndex'), field(reference, 'index')].find((one) => typeof one === 'number')
  return rules.find((rule) => id !== '' && textField(rule, 'id') === id) ?? (index === undefined ? index : rules[index])
}

function idOf(result: unknown): string {
  return textField(result, 'ruleId') || textField(field(result, 'rule'), 'id')
}

/** Reason for which a result is suppressed: every suppression must be accepted (section 3.27.23). Empty without one. */
function suppressionOf(result: unknown): string {
  const suppressions = listField(result, 'suppressions')
  const [first] = suppressions
  const isAccepted = suppressions.every((one) => ['', 'accepted'].includes(textField(one, 'status')))
  return first === undefined || !isAccepted ? '' : textField(first, 'justification') || 'a suppression'
}

function finding(result: unknown, run: unknown): ReportedFinding | undefined {
  const rule = ruleOf(result, run)
  const id = idOf(result) || textField(rule, 'id')
  if (id === '') return undefined
  const properties = [field(result, 'properties'), field(rule, 'properties')]
  const suppressed = suppressionOf(result)
  return {
    id,
    aliases: [
      ...properties.flatMap((one) => textsField(one, 'cve').concat(textsField(one, 'aliases'))),
      ...describedAliases(rule),
    ],
    severity: severity(result, rule),
    ...packageOf(result, properties),
    ...fixOf(result, properties),
    ...(suppressed !== '' && {suppressed}),
    ...withUrl(urlField(rule, 'helpUri')),
  }
}

/** Names of a vulnerability that begin the description of its rule, as Snyk writes them: `(CVE-2024-1,CVE-2024-2) …`. */
function describedAliases(rule: unknown): readonly string[] {
  const [, names = ''] = /^\(([\w,-]+)\) /.exec(textField(field(rule, 'fullDescription'), 'text')) ?? []
  return names.split(',').filter((name) => name.startsWith('CVE-'))
}

/** Fix of a result: by a property, where Docker Scout writes `not fixed`, or by its fixes (section 3.27.30). */
function fixOf(result: unknown, properties: readonly unknown[]): Pick<ReportedFinding, 'fixed' | 'state'> {
  const stated = firstText(properties, ['fixedVersion', 'fixed_version'])
  if (stated === 'not fixed') return {fixed: [], state: 'not-fixed'}
  if (stated !== '') return {fixed: [stated], state: 'fixed'}
  const fixes = listField(result, 'fixes')
  const texts = fixes.map((fix) => {
    const [change] = listField(fix, 'artifactChanges')
    const [replacement] = listField(change, 'replacements')
    return nameAndVersion(textField(field(replacement, 'insertedContent'), 'text')).version
  })
  const fixed = texts.filter((version) => version !== '')
  return {fixed, state: fixed.length > 0 ? 'fixed' : 'unstated'}
}

/**
 * Parts of `name@version`. The name of a package of npm may begin with `@`. Grype names a file of the image instead:
 * `alpine:3.20@sha256:…:/lib/apk/db/installed`.
 */
function nameAndVersion(text: string): {readonly name: string; readonly version: string} {
  const at = text.lastIndexOf('@')
  if (at <= 0) return {name: text, version: ''}
  const version = text.slice(at + 1)
  return version.includes('/') ? {name: '', version: ''} : {name: text.slice(0, at), version}
}

/** First text in these fields of the properties of a result and its rule; empty if there is none. */
function firstText(properties: readonly unknown[], names: readonly string[]): string {
  const texts = properties.flatMap((one) => names.map((name) => textField(one, name)))
  return texts.find((text) => text !== '') ?? ''
}

/** Longest message of a result that is shown. */
const maxMessage = 200

/** Package of a result: by a property, its package URL, or its place; without one, the message of the result. */
function packageOf(
  result: unknown,
  properties: readonly unknown[],
): Pick<ReportedFinding, 'package' | 'type' | 'kind' | 'installed' | 'purl' | 'text'> {
  const lists = properties.flatMap((one) => textsField(one, 'purls'))
  const purl = firstText(properties, ['purl']) || (lists[0] ?? '')
  const parts = purlParts(purl)
  const [place] = listField(result, 'locations')
  const [logical] = listField(place, 'logicalLocations')
  const located = nameAndVersion(textField(logical, 'fullyQualifiedName'))
  // Without a package URL, a tag may state the type, as with Snyk.
  const tag = properties.flatMap((one) => textsField(one, 'tags')).find((one) => osTypes.has(one))
  const type = parts?.type ?? tag ?? ''
  const texts = [firstText(properties, ['packageName', 'affected_package']), parts?.name ?? '', located.name]
  const found = texts.find((text) => text !== '') ?? ''
  const message = textField(field(result, 'message'), 'text').slice(0, maxMessage)
  return {
    package: found,
    ...(found === '' && message !== '' && {text: message}),
    type,
    kind: osTypes.has(type) ? 'os' : 'library',
    installed: parts?.version ?? located.version,
    purl,
  }
}

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
