import {mkdir, readdir, readFile, symlink, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterEach, describe, expect, test} from '@jest/globals'
import {cleanup} from '../../../src/commands/cleanup.ts'
import {temporaryDirectory} from '../../support/fake-edges.ts'

afterEach(() => {
  delete process.env['STATE_home']
  delete process.env['STATE_marker']
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
})
