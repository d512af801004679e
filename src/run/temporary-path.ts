import {tmpdir} from 'node:os'
import path from 'node:path'
import type {Environment} from '../io/environment.ts'

/** A path for something of this run, where the runner wants what is temporary. */
export function temporaryPath({environment}: {readonly environment: Environment}, name: string): string {
  const given = environment['RUNNER_TEMP'] ?? ''
  return path.resolve(given === '' ? tmpdir() : given, name)
}
