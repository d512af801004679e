import {describe, expect, test} from '@jest/globals'
import {parsePlatform} from '../../../../src/oci/platform.ts'
import {imagesOfRun, removeTestImages} from '../../../../src/stage/unpushed/remove-test-images.ts'
import {allNames, testRepository} from '../../../../src/stage/unpushed/test-names.ts'
import type {CommandResult} from '../../../../src/io/command.ts'

const marker = '123e4567-e89b-42d3-a456-426614174000'
const other = '00000000-e89b-42d3-a456-426614174000'
const platforms = ['linux/amd64', 'linux/arm/v7'].flatMap((text) => parsePlatform(text) ?? [])

describe('the names of a test', () => {
  test('contain the run and the platform', () => {
    expect(allNames({host: 'ghcr.io', path: 'o/app'}, marker, platforms)).toEqual([
      `ghcr.io/o/app:tagboat-test-${marker}`,
      `ghcr.io/o/app:tagboat-test-${marker}-linux-amd64`,
      `ghcr.io/o/app:tagboat-test-${marker}-linux-arm`,
    ])
  })

  test('are the same for a platform of `platforms` and of an index', () => {
    const repository = {host: 'ghcr.io', path: 'o/app'}
    const names = ['linux/arm', 'linux/arm/v7'].map((text) => {
      const platform = parsePlatform(text)
      return allNames(repository, marker, platform === undefined ? [] : [platform])
    })
    expect(names[0]).toEqual(names[1])
  })

  test('are in the first repository of the plan, or in one of their own', () => {
    const repository = {host: 'r.example', path: 'o/app'}
    expect(testRepository({tags: [], repositories: [repository]})).toBe(repository)
    expect(testRepository({tags: [], repositories: []}).host).toBe('localhost')
  })

  test.each(['ghcr.io/o/app', 'user/app', 'app', 'localhost:5000/app', '[::1]:5000/o/app'])(
    'are those of their own run only: %s',
    (name) => {
      const own = [`${name}:tagboat-test-${marker}`, `${name}:tagboat-test-${marker}-linux-arm-v7`]
      const foreign = [`${name}:tagboat-test-${other}`, `${name}:latest`, `--all`, `${name}:1-tagboat-test-${marker}`]
      expect(imagesOfRun([...own, ...foreign].join(' '), marker)).toEqual(own)
      expect(imagesOfRun(own.join(' '), '')).toEqual([])
    },
  )
})

describe('removeTestImages', () => {
  async function remove(result: Partial<CommandResult>): Promise<readonly string[]> {
    return removeTestImages(
      ['a:1', 'b:1'],
      {},
      {
        lasting: async () => Promise.resolve({exitCode: 1, stdout: '', stderr: '', ...result}),
      },
    )
  }

  test('passes over an image that was not loaded', async () => {
    expect(await remove({stderr: 'Error response from daemon: No such image: a:1\n'})).toEqual([])
  })

  test('returns what could not be removed', async () => {
    expect(await remove({stderr: 'Error: No such image: a:1\nError: b:1 is in use\n'})).toEqual([
      'Error: b:1 is in use',
    ])
  })
})
