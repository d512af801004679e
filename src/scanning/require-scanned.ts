import {scanningError} from '../errors/scanning-error.ts'
import type {TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {parseJson} from '../oci/manifest.ts'
import {formatPlatform, type Platform} from '../oci/platform.ts'
import type {ScanReport} from './finding.ts'

/** Image of one platform that a scanner got. */
export interface ScannedPlatform {
  readonly platform: Platform
  readonly digest: Digest
}

/**
 * Reads the report about one platform, and checks that it is complete and about this one: a scanner may scan another
 * platform of an index, or nothing. SARIF names neither the digest nor the platform.
 * @throws TagboatError `scan-failed`
 */
export function readReport(
  bytes: Uint8Array | undefined,
  read: (value: unknown) => ScanReport | undefined,
  {platform, digest}: ScannedPlatform,
): ScanReport {
  const name = formatPlatform(platform)
  const fail = (reason: string): TagboatError => scanningError('scan-failed', {evidence: [`${name}: ${reason}`]})
  if (bytes === undefined || bytes.byteLength === 0) throw fail('the scanner wrote no report')
  const value = parseJson(bytes)
  if (value === undefined) throw fail('the report is not complete JSON')
  const report = read(value)
  if (report === undefined) throw fail('the report does not have the format of this scanner')
  const {scanned, incomplete} = report
  if (incomplete !== undefined) throw fail(incomplete)
  if (scanned.digest !== undefined && scanned.digest !== digest)
    throw fail(`the report is about ${scanned.digest || 'no image'}, not about ${digest}`)
  const facts = [scanned.os, scanned.architecture]
  const wanted = [platform.os, platform.architecture]
  const isOther = facts.some((fact, index) => fact !== undefined && fact !== wanted[index])
  if (isOther) throw fail(`the report is about ${facts.join('/')}`)
  return report
}
