import path from 'node:path'
import type {Environment} from '../io/environment.ts'
import {markerVariable, type Io} from '../io/io.ts'

/** Directories of a run for its scanners. */
export interface ScanDirectories {
  /** Private directory, which is removed when the scan ends. */
  readonly work: string
  /** Empty home directory of the scanners. */
  readonly home: string
}

/** Variables of Windows that programs need to start. */
const windowsVariables = ['SystemRoot', 'SystemDrive', 'PATHEXT', 'ComSpec', 'WINDIR']

/**
 * Environment of a scanner: `PATH`, an empty home, a private directory for temporary files, and the marker of the run. It
 * contains neither a login nor a token of the job. `names` are further variables of the step that it gets.
 */
export function scanEnvironment(
  {home, work}: ScanDirectories,
  {environment, marker}: Pick<Io, 'environment' | 'marker'>,
  names: readonly string[] = [],
): Readonly<Record<string, string>> {
  const wanted = ['PATH', ...windowsVariables, ...names].map((name) => name.toUpperCase())
  const inherited = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && wanted.includes(name.toUpperCase()) ? [[name, value] as const] : [],
  )
  return {
    ...Object.fromEntries(inherited),
    HOME: home,
    USERPROFILE: home,
    TMPDIR: work,
    TEMP: work,
    TMP: work,
    [markerVariable]: marker,
  }
}

/** Variables for a program that downloads: proxies and certificates. */
export const networkVariables = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
] as const

/** Path of a program on the PATH; undefined if it does not exist. */
export async function programOnPath(
  name: string,
  {environment, files}: {readonly environment: Environment; readonly files: Pick<Io['files'], 'kindOf'>},
): Promise<string | undefined> {
  const [, list = ''] = Object.entries(environment).find(([key]) => key.toUpperCase() === 'PATH') ?? []
  const suffixes = environment['SystemRoot'] === undefined ? [''] : ['.exe', '.cmd', '']
  for (const directory of list.split(path.delimiter)) {
    for (const suffix of directory === '' ? [] : suffixes) {
      const file = path.join(directory, `${name}${suffix}`)
      if ((await files.kindOf(file)) === 'file') return file
    }
  }
  return undefined
}
