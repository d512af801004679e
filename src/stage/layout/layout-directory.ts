import path from 'node:path'
import {runPrefix} from '../../credentials/config-directory.ts'
import type {BuildSession} from '../build-session.ts'

/** Path of the layout that a build exports. */
export function layoutDirectory({dockerConfig}: BuildSession): string {
  return path.join(dockerConfig.directory, `${runPrefix}layout`)
}
