import {mkdir, readdir} from 'node:fs/promises'
import path from 'node:path'
import {afterEach, describe, expect, jest, test} from '@jest/globals'
import {TagboatError} from '../../../src/errors/error.ts'
import {fakeEdges, temporaryDirectory} from '../../support/fake-edges.ts'

jest.unstable_mockModule('../../../src/edge/leftovers.ts', () => ({
  markerVariable: 'TAGBOAT_RUN',
  endLeftovers: async () => Promise.reject(new Error('no /proc')),
}))
const {cleanup} = await import('../../../src/commands/cleanup.ts')
const {withDockerHome} = await import('../../../src/commands/home.ts')

afterEach(() => {
  delete process.env['STATE_home']
})

describe('where processes cannot be looked for, credentials are removed all the same', () => {
  test('by the post step', async () => {
    await using directory = await temporaryDirectory()
    const home = path.join(directory.path, 'home')
    await mkdir(home)
    process.env['STATE_home'] = home
    await expect(cleanup()).rejects.toThrow('no /proc')
    expect(await readdir(directory.path)).toEqual([])
  })

  test('by a run that is cancelled', async () => {
    await using directory = await temporaryDirectory()
    const environment = {RUNNER_TEMP: directory.path, DOCKER_CONFIG: path.join(directory.path, 'none')}
    const signal = AbortSignal.abort(new TagboatError('cancelled'))
    const lent = withDockerHome(fakeEdges({environment, signal}), true, async () => Promise.resolve())
    await expect(lent).rejects.toThrow('no /proc')
    expect(await readdir(directory.path)).toEqual([])
  })
})
