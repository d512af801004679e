import {scanningError} from '../errors/scanning-error.ts'
import type {TagboatError} from '../errors/error.ts'
import type {ScanLimits} from '../inputs/scan/scan-inputs.ts'
import type {JudgedFindings} from './judge-findings.ts'
import {failingLines} from './scan-text.ts'

/** Error of a scanner whose findings fail. Its remedy names only what this scanner has, and what is not set yet. */
export function scanFound(scanner: string, judged: JudgedFindings, {onlyNew}: ScanLimits): TagboatError {
  const fix = judged.failing.some(({fixed, state}) => fixed.length > 0 || state === 'unstated')
    ? 'Update the packages above, or the base image.'
    : 'No fix is known: use another package or base image.'
  const pass =
    passing.get(scanner) ?? 'To let one pass, make the command of `run=` leave it out, or suppress it in its SARIF.'
  const news = onlyNew ? '' : ' To fail only for what is new, set `scan-only-new: true`.'
  return scanningError('scan-found', {evidence: failingLines(judged), remedy: `${fix} ${pass}${news}`})
}

/** Ways to let a finding pass, by scanner. */
const passing: ReadonlyMap<string, string> = new Map([
  ['grype', 'To let one pass, name it under `ignore:` in .grype.yaml (`scan-ignore-file`).'],
  ['trivy', 'To let one pass, name it in .trivyignore (`scan-ignore-file`).'],
  ['snyk', 'To let one pass, ignore it in the project at Snyk.'],
  ['scout', 'To let one pass, add an exception at Docker Scout.'],
])
