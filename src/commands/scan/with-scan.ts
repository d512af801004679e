import type {Publication} from '../promote-image.ts'
import type {Scan} from './start-scan.ts'

/**
 * Runs `body` with the scan of the run, which is undefined if it has none, as most. TypeScript does not rewrite a dynamic
 * import in a function with `using`, so that `body` is a function of its own.
 */
export async function withScan<T>(publication: Publication, body: (scan: Scan | undefined) => Promise<T>): Promise<T> {
  await using scan = await startedScan(publication)
  return await body(scan)
}

async function startedScan({prepared, registries, io}: Publication): Promise<Scan | undefined> {
  const inputs = prepared.inputs.scan
  if (inputs === undefined) return undefined
  const {startScan} = await import('./start-scan.ts')
  return startScan(inputs, {clients: registries.clients, io})
}
