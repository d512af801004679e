import {tmpdir} from 'node:os'
import path from 'node:path'
import type {Environment} from '../io/environment.ts'

/** Path in the temporary directory of the runner (`RUNNER_TEMP`). */
export function temporaryPath({environment}: {readonly environment: Environment}, name: string): string {
  const given = environment['RUNNER_TEMP'] ?? ''
  return path.resolve(given === '' ? tmpdir() : given, name)
}
