import type {ScanInputs} from '../../inputs/scan/scan-inputs.ts'
import type {Publication} from '../promote-image.ts'
import {startScan, type Scan} from './start-scan.ts'

/**
 * Runs `body` with the scan of the run. TypeScript does not rewrite a dynamic import in a function with `using`, so that
 * `body` is a function of its own.
 */
export async function withScan<T>(
  inputs: ScanInputs,
  {registries, io}: Pick<Publication, 'registries' | 'io'>,
  body: (scan: Scan) => Promise<T>,
): Promise<T> {
  await using scan = await startScan(inputs, {clients: registries.clients, io})
  return await body(scan)
}
