import {isDigest} from '../../oci/digest.ts'
import {parseRepository, parseTagRef} from '../../oci/reference.ts'
import type {Digest} from '../../oci/digest.ts'
import type {Repository, TagRef} from '../../oci/reference.ts'
import type {InputReader} from '../input-reader.ts'
import type {ListItem} from '../syntax/lists.ts'
import {scanSpecs} from '../spec/spec-scan.ts'
import {inputSpecs} from '../spec/spec.ts'
import {suggestion} from '../syntax/nearest.ts'
import {reportUnused} from './unused-inputs.ts'

/** Scanner of the input `scan`. */
export type ScannerInput =
  | {readonly kind: 'grype' | 'trivy' | 'snyk' | 'scout'}
  /** Command that gets `$IMAGE` and writes SARIF to `$SCAN_OUTPUT`. */
  | {readonly kind: 'run'; readonly command: string}

/** Limits that the findings of a scan must keep. */
export interface ScanLimits {
  readonly failOn: 'critical' | 'high' | 'medium' | 'low' | 'none'
  readonly ignoreUnfixed: boolean
  readonly types: readonly ('os' | 'library')[]
  readonly onlyNew: boolean
}

/** Image with which the findings are compared. */
type ScanBaseline =
  | {readonly kind: 'digest'; readonly repository: Repository; readonly digest: Digest; readonly text: string}
  | {readonly kind: 'tag'; readonly reference: TagRef; readonly text: string}

/** Program that `scan-scanner` selects. */
type ScannerSource =
  /** The version that this release knows; else what is on the PATH. */
  | {readonly kind: 'pinned'}
  | {readonly kind: 'path'}
  /** Release with the SHA-256 of its archive for this machine. */
  | {readonly kind: 'release'; readonly version: string; readonly sha256: string}

/** Parsed inputs of a scan. */
export interface ScanInputs {
  readonly scanners: readonly ScannerInput[]
  readonly limits: ScanLimits
  /** Default: the image that the first floating tag points to. */
  readonly baseline: ScanBaseline | undefined
  readonly ignoreFile: string | undefined
  readonly vex: readonly string[]
  /** Sources of databases in order; empty for the known ones. */
  readonly databases: readonly string[]
  readonly unavailable: 'fail' | 'warn'
  readonly source: ScannerSource
  /** Directory for the reports, as the user wrote it. */
  readonly report: string | undefined
}

/** Inputs that have an effect only with `scan`. */
const scanOptions = Object.keys(scanSpecs).filter(
  (name): name is Exclude<keyof typeof scanSpecs, 'scan'> => name !== 'scan',
)

const scannerNames = inputSpecs.scan.words

/** Reads the inputs `scan` and `scan-…`. Undefined if the image is not scanned. */
export function readScanInputs(reader: InputReader): ScanInputs | undefined {
  const scanners = reader.list('scan').flatMap((item) => readScanner(item, reader))
  const read: ScanInputs = {
    scanners,
    limits: {
      failOn: reader.choice('scan-fail-on', inputSpecs['scan-fail-on'].choices),
      ignoreUnfixed: reader.boolean('scan-ignore-unfixed'),
      types: readTypes(reader),
      onlyNew: reader.boolean('scan-only-new'),
    },
    baseline: readBaseline(reader),
    ignoreFile: reader.optionalText('scan-ignore-file'),
    vex: reader.texts('scan-vex'),
    databases: readDatabases(reader),
    unavailable: reader.choice('scan-unavailable', inputSpecs['scan-unavailable'].choices),
    source: readSource(reader),
    report: reader.optionalText('scan-report'),
  }
  if (scanners.length > 0) {
    reportUnused(read, reader)
    return read
  }
  if (reader.text('scan') === '') {
    for (const name of scanOptions.filter((one) => reader.isSet(one))) {
      reader.problem(
        name,
        {},
        'nothing is scanned, because `scan` is empty',
        'Set `scan: grype`, or remove this input.',
      )
    }
  }
  return undefined
}

/** Scanners of a line: a command, which may contain commas, or names with commas between them. */
function readScanner({text, number: line, column}: ListItem, reader: InputReader): readonly ScannerInput[] {
  const command = /^run=([^]+)$/.exec(text)?.[1]?.trim()
  if (command !== undefined && command !== '') return [{kind: 'run', command}]
  let at = column
  return text.split(',').flatMap((part): readonly ScannerInput[] => {
    const name = part.trim()
    const place = {line, column: at + part.length - part.trimStart().length}
    at += part.length + 1
    const kind = scannerNames.find((one) => one === name.toLowerCase())
    if (kind !== undefined) return [{kind}]
    if (name === '' && text !== '') return []
    const remedy = name.startsWith('run=')
      ? 'Write run= and its command on a line of their own.'
      : `${suggestion(name, scannerNames)} For another scanner, write run= and a command that writes SARIF.`
    reader.problem('scan', place, `"${name}" is not a scanner`, remedy)
    return []
  })
}

function readTypes(reader: InputReader): readonly ('os' | 'library')[] {
  const known = inputSpecs['scan-types'].words
  return reader.list('scan-types').flatMap(({text, number: line, column}) => {
    const type = known.find((one) => one === text.toLowerCase())
    if (type !== undefined) return [type]
    reader.problem('scan-types', {line, column}, `"${text}" is not a type of package`, 'Write os, library, or both.')
    return []
  })
}

function readBaseline(reader: InputReader): ScanBaseline | undefined {
  const text = reader.optionalText('scan-baseline')
  if (text === undefined) return undefined
  const [name = '', digest, ...rest] = text.split('@')
  if (digest !== undefined && rest.length === 0) {
    // A tag beside a digest only names it.
    const repository = parseRepository(name.replace(/:[^/:]*$/, ''))
    if (repository.ok && isDigest(digest)) return {kind: 'digest', repository: repository.value, digest, text}
  }
  const reference = parseTagRef(text)
  if (reference.ok) return {kind: 'tag', reference: reference.value, text}
  const remedy = 'Write name:tag or name@sha256:…, such as ghcr.io/octocat/app:latest.'
  reader.problem('scan-baseline', {}, `"${text}" is not an image reference`, remedy)
  return undefined
}

function readDatabases(reader: InputReader): readonly string[] {
  return reader.list('scan-database').flatMap(({text, number: line, column}) => {
    if (text === 'local' || /^https?:\/\/[^\s/@]+(?:\/\S*)?$/.test(text)) return [text]
    if (databaseReference(text) !== undefined) return [text]
    const remedy =
      'Write the address of a listing for Grype, a repository such as ghcr.io/aquasecurity/trivy-db:2 for Trivy, or local.'
    reader.problem('scan-database', {line, column}, 'this is neither an address nor a repository', remedy)
    return []
  })
}

/** Repository of a database with its tag or digest; undefined for another text. */
export function databaseReference(
  text: string,
): {readonly repository: Repository; readonly reference: string; readonly isDigest: boolean} | undefined {
  const [name = '', digest] = text.split('@')
  const tag = /:([\w][\w.-]{0,127})$/.exec(name)?.[1]
  const repository = parseRepository(tag === undefined ? name : name.slice(0, -tag.length - 1))
  // A single word is more likely a slip than a repository of Docker Hub.
  if (!repository.ok || !name.includes('/') || (digest !== undefined && !isDigest(digest))) return undefined
  return {repository: repository.value, reference: digest ?? tag ?? '', isDigest: digest !== undefined}
}

function readSource(reader: InputReader): ScannerSource {
  const text = reader.text('scan-scanner')
  if (text === '') return {kind: 'pinned'}
  if (text.toLowerCase() === 'path') return {kind: 'path'}
  const [, version, sha256] = /^v?(\d{1,4}\.\d{1,4}\.\d{1,4})\s+sha256:([0-9a-f]{64})$/i.exec(text) ?? []
  if (version !== undefined && sha256 !== undefined) return {kind: 'release', version, sha256: sha256.toLowerCase()}
  const remedy = 'Write path, or a version and the SHA-256 of its archive for this machine, such as 0.116.1 sha256:….'
  reader.problem('scan-scanner', {}, `"${text}" is neither path nor a version with a hash`, remedy)
  return {kind: 'pinned'}
}
