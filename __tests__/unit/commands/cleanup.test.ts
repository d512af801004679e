import {chmod, mkdir, readdir, readFile, symlink, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterEach, describe, expect, test} from '@jest/globals'
import {cleanup} from '../../../src/commands/cleanup.ts'
import {temporaryDirectory} from '../../support/fake-edges.ts'

afterEach(() => {
  delete process.env['STATE_home']
  delete process.env['STATE_marker']
  delete process.env['STATE_builder']
})

describe('cleanup', () => {
  test('removes what a killed run left, and follows no link in it', async () => {
    await using directory = await temporaryDirectory()
    const home = path.join(directory.path, 'home')
    const user = path.join(directory.path, 'user')
    for (const one of [home, user]) await mkdir(one)
    await writeFile(path.join(user, 'precious'), 'text')
    await writeFile(path.join(home, 'config.json'), 'login')
    await symlink(user, path.join(home, 'contexts'))
    process.env['STATE_home'] = home
    process.env['STATE_marker'] = 'no-process-has-this-marker'
    await cleanup()
    expect(await readdir(directory.path)).toEqual(['user'])
    expect(await readFile(path.join(user, 'precious'), 'utf8')).toBe('text')
  })

  test('does nothing when the run saved no state', async () => {
    await expect(cleanup()).resolves.toBeUndefined()
  })

  test('is content when all is gone already', async () => {
    await using directory = await temporaryDirectory()
    process.env['STATE_home'] = path.join(directory.path, 'gone')
    await expect(cleanup()).resolves.toBeUndefined()
  })

  test('removes the builder of the run, by the directories that outlive it', async () => {
    await using directory = await temporaryDirectory()
    const log = await playDocker(directory.path, 0)
    process.env['STATE_builder'] = record
    await cleanup()
    expect((await readFile(log, 'utf8')).split('\n')[0]).toBe('/user /user/buildx buildx rm --force tagboat-7-1-abc')
  })

  test('tells of a builder that cannot be removed', async () => {
    await using directory = await temporaryDirectory()
    await playDocker(directory.path, 1)
    process.env['STATE_builder'] = record
    await expect(cleanup()).rejects.toMatchObject({
      code: 'command-failed',
      evidence: ['tagboat-7-1-abc: the cluster is away'],
    })
  })
})

const record = JSON.stringify({
  name: 'tagboat-7-1-abc',
  driver: 'kubernetes',
  keepState: false,
  dockerConfig: '/user',
  buildxConfig: '/user/buildx',
})
const searchPath = process.env['PATH']

afterEach(() => {
  process.env['PATH'] = searchPath
})

/** A `docker` first on the PATH that writes down what it is told; gives that file. */
async function playDocker(directory: string, exitCode: number): Promise<string> {
  const log = path.join(directory, 'log')
  const program = path.join(directory, 'docker')
  const lines = ['#!/bin/sh', `echo "$DOCKER_CONFIG $BUILDX_CONFIG $*" >>${log}`, 'echo the cluster is away >&2']
  await writeFile(program, [...lines, `exit ${exitCode}`, ''].join('\n'))
  await chmod(program, 0o755)
  process.env['PATH'] = `${directory}:${searchPath ?? ''}`
  return log
}
