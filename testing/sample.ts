import path from 'node:path'
import {projectRoot} from './runner.ts'

/** Folder with a static Busybox for each architecture, because base images cannot be pulled. */
export function busyboxDirectory(): string {
  const directory = process.env['TAGBOAT_BUSYBOX']
  if (directory === undefined) throw new Error('TAGBOAT_BUSYBOX is not set: run these tests with scripts/with-engine')
  return directory
}

export const sampleDirectory = path.join(projectRoot, 'sample')

export interface Credentials {
  readonly username: string
  readonly password: string
}

/** Inputs to log in to a registry and to publish `team/app` there. */
export function publishTo(host: string, {username, password}: Credentials): Readonly<Record<string, string>> {
  return {images: `${host}/team/app`, registry: host, username, password}
}

/** Inputs to build the sample for two platforms. */
export function sampleInputs(): Readonly<Record<string, string>> {
  return {
    platforms: 'linux/amd64,linux/arm64',
    'build-contexts': `busybox=${busyboxDirectory()}`,
    'build-args': 'VERSION=1.2.3',
  }
}
