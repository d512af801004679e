import {scanningError} from '../errors/scanning-error.ts'
import {TagboatError} from '../errors/error.ts'
import type {Command, CommandResult} from '../io/command.ts'
import type {Io} from '../io/io.ts'
import {formatPlatform} from '../oci/platform.ts'
import type {ScanReport} from '../scanning/finding.ts'
import {plainText} from '../scanning/json-fields.ts'
import {readReport} from '../scanning/require-scanned.ts'
import type {ScanTarget} from './scanner.ts'

/** Longest report that is read. */
const maxReportBytes = 256 * 1024 * 1024
const shownLines = 10
const maxLineLength = 500
/** Lowest exit code of a shell for a program that cannot be started, or that a signal ended. */
const lowestShellCode = 126

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

/** Last lines that a program printed, without control characters. They are shown in logs, summaries and outputs. */
export function lastLines({stdout, stderr}: CommandResult): readonly string[] {
  return `${stdout}\n${stderr}`
    .split(/\r?\n/)
    .map((line) => plainText(line).slice(0, maxLineLength))
    .filter((line) => line !== '' && !ofView.test(line))
    .slice(-shownLines)
}

/**
 * Runs a scanner on one platform and reads its report. Some scanners end with 1 or 2 if they find something, so another
 * code than 0 is a failure only if the report has nothing that explains it.
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
    const report = readReport(bytes, read, target)
    const explained = report.findings.some(({suppressed}) => suppressed === undefined)
    if (result.exitCode === 0 || (explained && result.exitCode < lowestShellCode)) return report
    throw scanningError('scan-failed')
  } catch (error) {
    if (!(error instanceof TagboatError)) throw error
    const lines = lastLines(result).map((line) => `${formatPlatform(target.platform)}: ${line}`)
    const code = `${formatPlatform(target.platform)}: the scanner ended with code ${result.exitCode}`
    throw scanningError('scan-failed', {evidence: [...error.evidence, code, ...lines], cause: error})
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
