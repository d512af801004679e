import {field} from '../oci/manifest.ts'
import {severityOf, type FixState, type ReportedFinding, type ScanData, type ScanReport} from './finding.ts'
import {listField, readEntries, textField, textsField, urlField, withUrl} from './json-fields.ts'
import {osTypes} from './os-types.ts'

/**
 * Reads a report of Grype: https://oss.anchore.com/docs/reference/grype/json/latest/. Undefined if the value is none.
 */
export function readGrype(value: unknown): ScanReport | undefined {
  const [matches, descriptor, source] = ['matches', 'descriptor', 'source'].map((name) => field(value, name))
  if (!Array.isArray(matches) || textField(descriptor, 'name') !== 'grype' || source === undefined) return undefined
  const target = field(source, 'target')
  const {read, incomplete} = readEntries(matches, finding)
  return {
    incomplete,
    findings: [
      ...read,
      ...listField(value, 'ignoredMatches').flatMap((match) => {
        const found = finding(match)
        return found === undefined ? [] : [{...found, suppressed: ruleText(match)}]
      }),
    ],
    tool: {name: 'grype', version: textField(descriptor, 'version').replace('[not provided]', '')},
    data: databaseOf(descriptor),
    scanned: {
      digest: textField(target, 'manifestDigest'),
      os: textField(target, 'os'),
      architecture: textField(target, 'architecture'),
    },
  }
}

const states: ReadonlyMap<string, FixState> = new Map([
  ['fixed', 'fixed'],
  ['not-fixed', 'not-fixed'],
  ['wont-fix', 'wont-fix'],
])

function finding(match: unknown): ReportedFinding | undefined {
  const [vulnerability, artifact] = [field(match, 'vulnerability'), field(match, 'artifact')]
  const [id, name] = [textField(vulnerability, 'id'), textField(artifact, 'name')]
  if (id === '' || name === '') return undefined
  const fix = field(vulnerability, 'fix')
  const type = textField(artifact, 'type')
  const [place] = listField(artifact, 'locations')
  const layer = textField(place, 'layerID')
  return {
    id,
    aliases: listField(match, 'relatedVulnerabilities')
      .map((one) => textField(one, 'id'))
      .filter((one) => one !== '' && one !== id),
    severity: severityOf(textField(vulnerability, 'severity')),
    package: name,
    type,
    kind: osTypes.has(type) ? 'os' : 'library',
    installed: textField(artifact, 'version'),
    fixed: textsField(fix, 'versions'),
    state: states.get(textField(fix, 'state')) ?? 'unknown',
    purl: textField(artifact, 'purl'),
    ...(layer !== '' && {layer}),
    ...withUrl(urlField(vulnerability, 'dataSource')),
  }
}

/** Reason for which Grype ignores a match. */
function ruleText(match: unknown): string {
  const [rule] = listField(match, 'appliedIgnoreRules')
  const texts = [textField(rule, 'reason'), textField(rule, 'vex-status'), textField(rule, 'vex-justification')]
  const text = texts.filter((one) => one !== '').join(', ')
  return text === '' ? 'an ignore rule of Grype' : text
}

/** Database of a report. Its status is at the top of `db`, or in the field `status` of newer versions. */
function databaseOf(descriptor: unknown): ScanData {
  const database = field(descriptor, 'db')
  const status = field(database, 'status') ?? database
  const [from, built] = [textField(status, 'from'), textField(status, 'built')]
  const checksum = /[?&]checksum=([\w%:]+)/.exec(from)?.[1] ?? textField(status, 'checksum')
  const digest = checksum.replaceAll('%3A', ':')
  return {
    ...(/^https?:/.test(from) && {source: from.split(/[?#]/)[0] ?? from}),
    ...(digest !== '' && {digest}),
    ...(built !== '' && {date: built}),
  }
}
