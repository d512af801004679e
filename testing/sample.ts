import path from 'node:path'
import {projectRoot} from './runner.ts'

/** Folder with a static Busybox for each architecture: there is no registry to pull a base image from. */
export function busyboxDirectory(): string {
  const directory = process.env['TAGBOAT_BUSYBOX']
  if (directory === undefined) throw new Error('TAGBOAT_BUSYBOX is not set: run these tests by scripts/with-engine')
  return directory
}

export const sampleDirectory = path.join(projectRoot, 'sample')

export interface Credentials {
  readonly username: string
  readonly password: string
}

/** Inputs with which a step logs in to one registry and publishes `team/app` there. */
export function publishTo(host: string, {username, password}: Credentials): Readonly<Record<string, string>> {
  return {images: `${host}/team/app`, registry: host, username, password}
}

/** What the sample needs on top of that, to be built for two platforms. */
export function sampleInputs(): Readonly<Record<string, string>> {
  return {
    platforms: 'linux/amd64,linux/arm64',
    'build-contexts': `busybox=${busyboxDirectory()}`,
    'build-args': 'VERSION=1.2.3',
  }
}
