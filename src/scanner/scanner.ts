import type {ScanData, ScanReport, ScanTool} from '../scanning/finding.ts'
import type {Io} from '../io/io.ts'
import type {ScanDirectories} from './scan-environment.ts'
import type {ScanInputs} from '../inputs/scan/scan-inputs.ts'
import type {RegistryClients} from '../registry/repository-client.ts'
import type {ScannedPlatform} from '../scanning/require-scanned.ts'

/** Image of one platform for a scanner. */
export interface ScanTarget extends ScannedPlatform {
  /** Reference of the manifest on the view. */
  readonly reference: string
  /** Path of the report to write. */
  readonly output: string
}

/** Scanner that is ready, with its database. */
export interface Scanner {
  readonly name: string
  readonly tool: Partial<ScanTool>
  readonly data: ScanData | undefined
  /**
   * Scans one platform.
   * @throws TagboatError `scan-failed`
   */
  scan(target: ScanTarget): Promise<ScanReport>
}

/** Resources of a scanner. */
export interface ScannerPlace {
  readonly inputs: ScanInputs
  readonly directories: ScanDirectories
  readonly clients: RegistryClients
  readonly io: Io
}
