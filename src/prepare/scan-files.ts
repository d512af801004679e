import path from 'node:path'
import type {Problems} from '../inputs/problem.ts'
import type {ScanInputs} from '../inputs/scan/scan-inputs.ts'
import {listForms} from '../inputs/spec/spec-row.ts'
import {scanSpecs} from '../inputs/spec/spec-scan.ts'
import {parseList} from '../inputs/syntax/lists.ts'
import {workspace, type Io} from '../io/io.ts'

/**
 * Inputs of a scan whose paths are absolute. A file that does not exist, or a directory that cannot be written, is a
 * problem: without this check, it would be found only after the build.
 */
export async function withScanFiles(inputs: ScanInputs, io: Io, problems: Problems): Promise<ScanInputs> {
  const {ignoreFile, vex, report, scanners} = inputs
  const written = parseList(io.inputs.get('scan-vex') ?? '', listForms[scanSpecs['scan-vex'].form]).items
  if (ignoreFile !== undefined && (await isFile('scan-ignore-file', {path: ignoreFile}, io, problems)))
    checkFormat(ignoreFile, scanners, problems)
  for (const {text, number: line} of written) await isFile('scan-vex', {path: text, line}, io, problems)
  if (report !== undefined) await checkDirectory(report, io, problems)
  return {
    ...inputs,
    ignoreFile: ignoreFile === undefined ? undefined : path.resolve(workspace(io), ignoreFile),
    vex: vex.map((file) => path.resolve(workspace(io), file)),
  }
}

/** Reports a path that is not a file. Returns whether it is one. */
async function isFile(
  input: 'scan-ignore-file' | 'scan-vex',
  {path: file, line}: {readonly path: string; readonly line?: number},
  io: Io,
  problems: Problems,
): Promise<boolean> {
  const kind = await io.files.kindOf(path.resolve(workspace(io), file))
  if (kind === 'file') return true
  problems.add({
    input,
    ...(line !== undefined && {line}),
    message: kind === undefined ? `${file} does not exist` : `${file} is not a file`,
    remedy:
      'Write the path of a file in the workspace. If it is in the repository, check that out first (actions/checkout).',
  })
  return false
}

/** Reports the ignore file of another scanner: Grype reads YAML, and fails for another name. */
function checkFormat(file: string, scanners: ScanInputs['scanners'], problems: Problems): void {
  const isForTrivy = /^\.trivyignore(?:\.|$)/.test(path.basename(file)) || !/\.ya?ml$/i.test(file)
  if (!isForTrivy || !scanners.some(({kind}) => kind === 'grype')) return
  problems.add({
    input: 'scan-ignore-file',
    message: `${file} is not a configuration of Grype, whose name ends with .yaml`,
    remedy:
      'Write the rules under `ignore:` in a file such as .grype.yaml. For several scanners, leave this input out: each reads its own file in the workspace.',
  })
}

/** Reports a directory for reports that cannot be created or written. */
async function checkDirectory(report: string, io: Io, problems: Problems): Promise<void> {
  const directory = path.resolve(workspace(io), report)
  let nearest = directory
  while ((await io.files.kindOf(nearest)) === undefined && path.dirname(nearest) !== nearest)
    nearest = path.dirname(nearest)
  const isDirectory = (await io.files.kindOf(nearest)) === 'directory'
  if (isDirectory && (await io.files.isWritable(nearest))) return
  const shown = nearest === directory ? report : nearest
  problems.add({
    input: 'scan-report',
    message: isDirectory ? `${shown} cannot be written` : `${shown} is not a directory`,
    remedy: 'Write the path of a directory, such as `${{ runner.temp }}/scan`. It is created if it does not exist.',
  })
}
