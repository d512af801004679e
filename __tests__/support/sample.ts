import path from 'node:path'
import {projectRoot} from './runner.ts'

/** Folder with a static Busybox for each architecture: there is no registry to pull a base image from. */
export function busyboxDirectory(): string {
  const directory = process.env['TAGBOAT_BUSYBOX']
  if (directory === undefined) throw new Error('TAGBOAT_BUSYBOX is not set: run these tests by scripts/with-engine')
  return directory
}

export const sampleDirectory = path.join(projectRoot, 'sample')
