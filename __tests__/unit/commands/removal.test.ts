import {chmod, mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterEach, describe, expect, jest, test} from '@jest/globals'
import {TagboatError} from '../../../src/errors/error.ts'
import {fakeEdges, temporaryDirectory} from '../../../testing/fake-edges.ts'

jest.unstable_mockModule('../../../src/io/leftovers.ts', () => ({
  markerVariable: 'TAGBOAT_RUN',
  endLeftovers: async () => Promise.reject(new Error('no /proc')),
}))
const {cleanup} = await import('../../../src/commands/cleanup.ts')
const {withDockerHome} = await import('../../../src/run/private-config.ts')

const searchPath = process.env['PATH']
const runnerTemp = process.env['RUNNER_TEMP']
const marker = '0a1b2c3d-0000-4000-8000-000000000000'

afterEach(() => {
  for (const name of [
    'STATE_home',
    'STATE_marker',
    'STATE_builder',
    'RUNNER_TEMP',
    'GITHUB_RUN_ID',
    'GITHUB_RUN_ATTEMPT',
  ]) {
    Reflect.deleteProperty(process.env, name)
  }
  if (runnerTemp !== undefined) process.env['RUNNER_TEMP'] = runnerTemp
  process.env['PATH'] = searchPath
})

/** A home that a killed run left. */
async function leftHome(directory: string): Promise<void> {
  const home = path.join(directory, `tagboat-${marker}`)
  await mkdir(home)
  process.env['RUNNER_TEMP'] = directory
  process.env['STATE_home'] = home
  process.env['STATE_marker'] = marker
}

describe('where processes cannot be looked for, the rest is removed all the same', () => {
  test('by the post step', async () => {
    await using directory = await temporaryDirectory()
    await leftHome(directory.path)
    await expect(cleanup()).rejects.toThrow('no /proc')
    expect(await readdir(directory.path)).toEqual([])
  })

  test('by the post step, and the builder too', async () => {
    await using directory = await temporaryDirectory()
    const at = (name: string): string => path.join(directory.path, name)
    await leftHome(directory.path)
    await writeFile(at('docker'), `#!/bin/sh\necho "$*" >>${at('log')}\n`)
    await chmod(at('docker'), 0o755)
    process.env['PATH'] = `${directory.path}:${searchPath ?? ''}`
    process.env['GITHUB_RUN_ID'] = '7'
    process.env['GITHUB_RUN_ATTEMPT'] = '1'
    process.env['STATE_builder'] = JSON.stringify({
      name: 'tagboat-7-1-0a1b2c3d',
      driver: 'kubernetes',
      keepState: false,
      dockerConfig: '/user',
      buildxConfig: '/user/buildx',
    })
    await expect(cleanup()).rejects.toThrow('no /proc')
    expect((await readdir(directory.path)).sort()).toEqual(['docker', 'log'])
    expect(await readFile(at('log'), 'utf8')).toBe('buildx rm --force tagboat-7-1-0a1b2c3d\n')
  })

  test('by a run that is cancelled', async () => {
    await using directory = await temporaryDirectory()
    const environment = {RUNNER_TEMP: directory.path, DOCKER_CONFIG: path.join(directory.path, 'none')}
    const signal = AbortSignal.abort(new TagboatError('cancelled'))
    const dockerConfig = withDockerHome(fakeEdges({environment, signal}), true, async () => Promise.resolve())
    await expect(dockerConfig).rejects.toThrow('no /proc')
    expect(await readdir(directory.path)).toEqual([])
  })
})
