import path from 'node:path'
import type {ScanInputs, ScannerInput} from '../../inputs/scan/scan-inputs.ts'
import type {Io} from '../../io/io.ts'
import type {RegistryClients} from '../../registry/repository-client.ts'
import {scanPrefix, scanState} from '../../run/saved-state.ts'
import {temporaryPath} from '../../run/temporary-path.ts'
import {ViewedBlobs} from '../../scanner/image-view.ts'
import {numbered} from '../../scanning/numbered.ts'
import {isOnlyLocal} from '../../scanner/outage.ts'
import type {Scanner, ScannerPlace} from '../../scanner/scanner.ts'

/** Scan of a run. Its scanners become ready while the image is built. */
export interface Scan extends AsyncDisposable {
  readonly inputs: ScanInputs
  readonly scanners: readonly StartedScanner[]
  readonly blobs: ViewedBlobs
  /** Path for the report of a scanner about a platform of an image. */
  readonly reportFile: (name: string) => string
  /** Directory for the files that later steps of the job read. The post step removes it. */
  readonly directory: string
  /** Throws the failure of a scanner that is known already, or can be known without a download. */
  readonly requireNoFailure: () => Promise<void>
}

interface StartedScanner {
  /** Unique name: `grype`, or `run-2` for the second of several commands. */
  readonly name: string
  /** Rejects with a TagboatError if the scanner or its database cannot be had. */
  readonly ready: Promise<Scanner>
}

/** Starts to find or fetch the scanners and their databases. */
export async function startScan(
  inputs: ScanInputs,
  {clients, io}: {readonly clients: RegistryClients; readonly io: Io},
): Promise<Scan> {
  // Not the marker of the run, which is visible in command lines: this name must be unpredictable.
  const directory = temporaryPath(io, `${scanPrefix}${io.unique()}`)
  io.workflow.saveState(scanState, directory)
  const work = path.join(directory, 'work')
  const directories = {work, home: path.join(work, 'home')}
  await io.files.makeNewDirectory(work)
  await io.files.makeNewDirectory(directories.home)
  const place: ScannerPlace = {inputs, directories, clients, io}
  const names = numbered(inputs.scanners.map(({kind}) => kind))
  const scanners = inputs.scanners.map((scanner, index) => {
    const name = names[index] ?? scanner.kind
    const ready = open(scanner, name, place)
    // The gate awaits it, and receives the error.
    ready.catch(() => undefined)
    return {name, ready}
  })
  let reports = 0
  return {
    inputs,
    scanners,
    blobs: new ViewedBlobs(work, io.files),
    reportFile: (name) => {
      reports += 1
      return path.join(work, `${reports}-${name.replaceAll('/', '-')}.json`)
    },
    directory,
    requireNoFailure: async () => {
      if (inputs.unavailable === 'warn') return
      const all = Promise.all(scanners.map(async ({ready}) => ready))
      // What is on this machine is found soon. A download is not awaited: it runs beside the build.
      if (inputs.source.kind === 'path' && isOnlyLocal(inputs)) await all
      else await Promise.race([all, io.timer(io.signal).sleep(0)])
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(scanners.map(async ({ready}) => ready))
      await io.files.remove(work)
    },
  }
}

async function open(scanner: ScannerInput, name: string, place: ScannerPlace): Promise<Scanner> {
  switch (scanner.kind) {
    case 'grype': {
      const {openGrype} = await import('../../scanner/grype.ts')
      return openGrype(place)
    }
    case 'trivy': {
      const {openTrivy} = await import('../../scanner/trivy.ts')
      return openTrivy(place)
    }
    case 'snyk':
    case 'scout': {
      const {openService} = await import('../../scanner/other-scanners.ts')
      return openService(scanner.kind, place)
    }
    case 'run': {
      const {openCommand} = await import('../../scanner/other-scanners.ts')
      return openCommand(name, scanner.command, place)
    }
  }
}
