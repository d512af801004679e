import {scanningError} from '../errors/scanning-error.ts'
import type {TagboatError} from '../errors/error.ts'
import type {ScanInputs} from '../inputs/scan/scan-inputs.ts'

type OutageInputs = Pick<ScanInputs, 'databases' | 'unavailable'>

/** Error of a scanner without its program. `remedy` does not name `scan-unavailable`. */
export function scannerMissing(evidence: readonly string[], remedy: string, inputs: OutageInputs): TagboatError {
  return scanningError('scanner-missing', {evidence, remedy: withChoice(remedy, inputs)})
}

/** Names of a scanner for messages about its database. */
interface DatabaseNames {
  /** Command that fetches the database. */
  readonly command: string
  /** Variable of the step with the directory. */
  readonly variable: string
  readonly directory: string
}

/** Error of a scanner without its database. */
export function databaseMissing(
  evidence: readonly string[],
  {command, variable, directory}: DatabaseNames,
  inputs: OutageInputs,
): TagboatError {
  const isLocal = isOnlyLocal(inputs)
  const remedy = isLocal
    ? `Fetch the database before this step (${command}) into ${directory}, or into the directory of ${variable} in the \`env\` of both steps. Or remove \`local\` from \`scan-database\`.`
    : 'Let the runner reach a source above, name a mirror in `scan-database`, or run the job again if the failure was temporary.'
  return scanningError('scan-database-missing', {
    ...(isLocal && {message: 'This machine does not have the vulnerability database.'}),
    evidence,
    remedy: withChoice(remedy, inputs),
  })
}

/** Adds the way out that the user has not chosen yet. */
function withChoice(remedy: string, {unavailable}: OutageInputs): string {
  return unavailable === 'warn' ? remedy : `${remedy} \`scan-unavailable: warn\` publishes without a scan.`
}

/** Reports whether a scan uses only the database of this machine. */
export function isOnlyLocal({databases}: Pick<ScanInputs, 'databases'>): boolean {
  return databases.length > 0 && databases.every((one) => one === 'local')
}
