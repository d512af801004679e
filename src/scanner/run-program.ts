import {TagboatError} from '../errors/error.ts'
import type {Command, CommandResult} from '../io/command.ts'
import type {Io} from '../io/io.ts'
import {formatPlatform} from '../oci/platform.ts'
import type {ScanReport} from '../scanning/finding.ts'
import {readReport} from '../scanning/require-scanned.ts'
import type {ScanTarget} from './scanner.ts'

/** Longest report that is read. */
const maxReportBytes = 256 * 1024 * 1024
const shownLines = 10

/** Runs a program. A missing one ends with 127, as in a shell. */
export async function runProgram(command: Command, {processes}: Pick<Io, 'processes'>): Promise<CommandResult> {
  try {
    return await processes.stream({...command, endsAll: true}, () => undefined)
  } catch (error) {
    if (!(error instanceof TagboatError) || error.code !== 'docker-missing') throw error
    return {exitCode: 127, stdout: '', stderr: error.evidence.join('\n')}
  }
}

/** Warning of Grype about the view of the image, which is on this machine. */
const ofView = /^\[\d+\] +WARN registry communication is insecure/

/** Last lines that a program printed. */
export function lastLines({stdout, stderr}: CommandResult): readonly string[] {
  return `${stdout}\n${stderr}`
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !ofView.test(line))
    .slice(-shownLines)
}

/**
 * Runs a scanner on one platform and reads its report. The exit code alone decides nothing: some scanners end with 1 if
 * they find something.
 * @throws TagboatError `scan-failed`
 */
export async function scanWith(
  command: Command,
  target: ScanTarget,
  read: (value: unknown) => ScanReport | undefined,
  io: Pick<Io, 'processes' | 'files'>,
): Promise<ScanReport> {
  const result = await runProgram(command, io)
  const bytes = await readFile(target.output, io.files)
  try {
    return readReport(bytes, read, target)
  } catch (error) {
    if (!(error instanceof TagboatError)) throw error
    const lines = lastLines(result).map((line) => `${formatPlatform(target.platform)}: ${line}`)
    const code = `${formatPlatform(target.platform)}: the scanner ended with code ${result.exitCode}`
    throw new TagboatError('scan-failed', {evidence: [...error.evidence, code, ...lines], cause: error})
  }
}

async function readFile(file: string, files: Io['files']): Promise<Uint8Array | undefined> {
  if ((await files.kindOf(file)) !== 'file') return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of files.openRead(file)) {
    size += chunk.byteLength
    if (size > maxReportBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
