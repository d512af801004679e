import {field} from '../oci/manifest.ts'
import {severityOf, type FixState, type ReportedFinding, type ScanReport} from './finding.ts'
import {listField, readEntries, textField, urlField, withUrl} from './json-fields.ts'

/** Reads a report of Trivy with the version 2 of its schema. Undefined if the value is none. */
export function readTrivy(value: unknown): ScanReport | undefined {
  const metadata = field(value, 'Metadata')
  const isReport = field(value, 'SchemaVersion') === 2 && textField(value, 'ArtifactType') === 'container_image'
  const config = field(metadata, 'ImageConfig')
  if (!isReport || config === undefined) return undefined
  const digests = listField(metadata, 'RepoDigests')
  const [digest] = digests.flatMap((one) => (typeof one === 'string' ? one.split('@').slice(1) : []))
  const results = listField(value, 'Results')
  const found = results.map((result) =>
    readEntries(listField(result, 'Vulnerabilities'), (one) => finding(one, result)),
  )
  return {
    incomplete: found.map(({incomplete}) => incomplete).find((reason) => reason !== undefined),
    findings: [
      ...found.flatMap(({read}) => read),
      ...results.flatMap((result) =>
        listField(result, 'ExperimentalModifiedFindings').flatMap((one) => suppressed(one, result)),
      ),
    ],
    tool: {name: 'trivy', version: textField(field(value, 'Trivy'), 'Version')},
    scanned: {
      ...(digest !== undefined && {digest}),
      os: textField(config, 'os'),
      architecture: textField(config, 'architecture'),
    },
  }
}

const states: ReadonlyMap<string, FixState> = new Map([
  ['fixed', 'fixed'],
  ['affected', 'not-fixed'],
  ['fix_deferred', 'not-fixed'],
  ['under_investigation', 'not-fixed'],
  ['will_not_fix', 'wont-fix'],
  ['end_of_life', 'wont-fix'],
])

function finding(one: unknown, result: unknown): ReportedFinding | undefined {
  const [id, name] = [textField(one, 'VulnerabilityID'), textField(one, 'PkgName')]
  if (id === '' || name === '') return undefined
  const fixed = textField(one, 'FixedVersion')
    .split(',')
    .map((version) => version.trim())
    .filter((version) => version !== '')
  const purl = textField(field(one, 'PkgIdentifier'), 'PURL')
  const layer = textField(field(one, 'Layer'), 'DiffID')
  return {
    id,
    aliases: [],
    severity: severityOf(textField(one, 'Severity')),
    package: name,
    type: /^pkg:([^/]+)\//.exec(purl)?.[1] ?? textField(result, 'Type'),
    kind: textField(result, 'Class') === 'os-pkgs' ? 'os' : 'library',
    installed: textField(one, 'InstalledVersion'),
    fixed,
    state: states.get(textField(one, 'Status')) ?? (fixed.length > 0 ? 'fixed' : 'unknown'),
    purl,
    ...(layer !== '' && {layer}),
    ...withUrl(urlField(one, 'PrimaryURL')),
  }
}

/** Vulnerability that an ignore file or a VEX document suppresses. */
function suppressed(modified: unknown, result: unknown): readonly ReportedFinding[] {
  if (textField(modified, 'Type') !== 'vulnerability') return []
  const found = finding(field(modified, 'Finding'), result)
  if (found === undefined) return []
  const texts = ['Statement', 'Status', 'Source'].map((name) => textField(modified, name))
  return [{...found, suppressed: texts.filter((text) => text !== '').join(', ') || 'an ignore file of Trivy'}]
}
