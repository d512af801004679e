import path from 'node:path'
import {scanningError} from '../errors/scanning-error.ts'
import {errorMessage, type TagboatError} from '../errors/error.ts'
import type {Http, HttpStream} from '../io/http.ts'
import type {Io} from '../io/io.ts'
import {redirectTarget} from '../registry/redirect.ts'
import type {ScanTool} from '../scanning/finding.ts'
import {hashed, sha256Of} from './hashed.ts'
import {archiveAddress, pinnedReleases} from './pinned.ts'
import {scannerMissing} from './outage.ts'
import {lastLines, runProgram} from './run-program.ts'
import {programOnPath, scanEnvironment} from './scan-environment.ts'
import type {ScannerPlace} from './scanner.ts'

/** Program of a scanner. */
interface ScannerProgram {
  readonly file: string
  readonly tool: Pick<ScanTool, 'sha256'> & {readonly version?: string}
}

type FetchedName = 'grype' | 'trivy'

/**
 * Finds or fetches the program of a scanner.
 * @throws TagboatError `scanner-missing`, `scanner-mismatch`
 */
export async function findProgram(name: FetchedName, place: ScannerPlace): Promise<ScannerProgram> {
  const {inputs, io} = place
  const {source} = inputs
  const architecture = machineOf(io)
  if (source.kind === 'path' || architecture === undefined) {
    if (source.kind === 'release') throw notForMachine(name, inputs)
    return onPath(name, place)
  }
  const pinned = pinnedReleases[name]
  const release = source.kind === 'release' ? source : {version: pinned.version, sha256: pinned.sha256[architecture]}
  const archive = await archiveOf({name, architecture, ...release}, place)
  return {file: await unpack(name, archive, place), tool: release}
}

/** Program on the PATH, with its hash. @throws TagboatError `scanner-missing` */
export async function onPath(name: string, {inputs, io}: Pick<ScannerPlace, 'inputs' | 'io'>): Promise<ScannerProgram> {
  const file = await programOnPath(name, io)
  if (file === undefined) {
    const evidence = [`${name} is not on the PATH of this step`]
    throw scannerMissing(evidence, `Install ${name} in an earlier step of the job.`, inputs)
  }
  return {file, tool: {sha256: await sha256Of(io.files.openRead(file))}}
}

/** Architecture of a Linux machine with a pinned release; undefined for any other machine. */
function machineOf({environment}: Pick<Io, 'environment'>): 'x64' | 'arm64' | undefined {
  if (environment['RUNNER_OS'] !== 'Linux') return undefined
  return architectures.get(environment['RUNNER_ARCH'] ?? '')
}

const architectures: ReadonlyMap<string, 'x64' | 'arm64'> = new Map([
  ['X64', 'x64'],
  ['ARM64', 'arm64'],
])

function notForMachine(name: string, inputs: ScannerPlace['inputs']): TagboatError {
  const evidence = [`no release of ${name} is fetched for this machine, only for Linux on x64 and arm64`]
  return scannerMissing(evidence, `Install ${name} in an earlier step, and set \`scan-scanner: path\`.`, inputs)
}

interface Release {
  readonly name: FetchedName
  readonly architecture: 'x64' | 'arm64'
  readonly version: string
  readonly sha256: string
}

/** Path of the archive of a release, which is kept in the tool cache of the runner and checked each time. */
async function archiveOf(release: Release, {inputs, directories, io}: ScannerPlace): Promise<string> {
  const {name, version, architecture, sha256} = release
  const cache = io.environment['RUNNER_TOOL_CACHE'] ?? ''
  const folder = path.join(cache === '' ? directories.work : cache, 'tagboat', name, version, architecture)
  const kept = path.join(folder, `${sha256}.tar.gz`)
  if ((await io.files.kindOf(kept)) === 'file') {
    if ((await sha256Of(io.files.openRead(kept))) === sha256) return kept
    await io.files.remove(kept).catch(() => undefined)
  }
  const file = path.join(directories.work, `${name}.tar.gz`)
  await download(release, file, {inputs, io})
  try {
    await io.files.makePrivateDirectory(folder)
    await io.files.writeStream(kept, io.files.openRead(file))
    return kept
  } catch {
    // A read-only cache, or another step of this machine that writes the same file.
    return file
  }
}

const attempts = 3

/** @throws TagboatError `scanner-missing`, `scanner-mismatch` */
async function download(
  release: Release,
  file: string,
  {inputs, io}: Pick<ScannerPlace, 'inputs' | 'io'>,
): Promise<void> {
  const {name, version, architecture, sha256} = release
  const address = archiveAddress(name, version, architecture)
  using http = io.http(io.signal)
  const failures: string[] = []
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    let found = ''
    try {
      const {body} = await openArchive(address, http)
      await io.files.writeStream(
        file,
        hashed(body, (hash) => {
          found = hash
        }),
      )
    } catch (error) {
      io.signal.throwIfAborted()
      failures.push(`GET ${address.href}: ${io.workflow.hide(errorMessage(error))}`)
      await io.files.remove(file)
      if (attempt < attempts) await io.timer(io.signal).sleep(1000 * 4 ** (attempt - 1))
      continue
    }
    if (found === sha256) return
    await io.files.remove(file)
    throw scanningError('scanner-mismatch', {
      evidence: [`${address.href} has the SHA-256 ${found}`, `expected: ${sha256}`],
      ...(pinnedReleases[name].version !== version && {
        remedy: 'Compare the hash in `scan-scanner` with the list of checksums of the release. Do not run the archive.',
      }),
    })
  }
  const remedy =
    'Let the runner reach the host above, or install the scanner in an earlier step and set `scan-scanner: path`.'
  throw scannerMissing([...new Set(failures)], remedy, inputs)
}

const maxRedirects = 5

async function openArchive(address: URL, http: Http): Promise<HttpStream> {
  let url = address
  for (let hop = 0; hop <= maxRedirects; hop += 1) {
    const response = await http.open({method: 'GET', url, headers: {accept: 'application/octet-stream'}})
    if (response.status === 200) return response
    await discard(response)
    const target =
      response.status >= 300 && response.status < 400 ? redirectTarget(response.headers['location'], url) : undefined
    if (target === undefined) throw new Error(`the response has the status ${response.status}`)
    url = target
  }
  throw new Error(`there are more than ${maxRedirects} redirects`)
}

/** Ends a response whose body is not read. */
async function discard({body}: HttpStream): Promise<void> {
  const chunks = body[Symbol.asyncIterator]()
  await chunks.next().catch(() => undefined)
  await chunks.return?.()
}

/** Unpacks the program of an archive into the private directory. */
async function unpack(name: FetchedName, archive: string, {directories, io}: ScannerPlace): Promise<string> {
  await untar(archive, directories.work, [name], {directories, io})
  return path.join(directories.work, name)
}

/**
 * Unpacks named files of an archive.
 * @throws TagboatError `scan-failed`
 */
export async function untar(
  archive: string,
  directory: string,
  names: readonly string[],
  {directories, io}: Pick<ScannerPlace, 'directories' | 'io'>,
): Promise<void> {
  const args = ['-xzf', archive, '-C', directory, '--no-same-owner', ...names]
  const result = await runProgram({file: 'tar', args, env: scanEnvironment(directories, io)}, io)
  if (result.exitCode === 0) return
  throw scanningError('scanner-missing', {
    message: 'An archive for the scan could not be unpacked.',
    evidence: [`tar ended with code ${result.exitCode}`, ...lastLines(result)],
    remedy: 'Check that the runner has tar, and that its disk has space.',
  })
}
