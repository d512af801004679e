import {rm, symlink} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {engineBuilder, isPlugin} from '../../src/builder/engine/engine-builder.ts'
import {parseBuilder, type Builder} from '../../src/buildx/inspect.ts'
import {realIo} from '../../src/io/real-io.ts'
import {docker, engineAddress, pluginDirectory} from '../../testing/docker.ts'
import {temporaryDirectory, type TemporaryDirectory} from '../../testing/fake-io.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../../testing/remote-builder.ts'

const other = 'beside'
let remote: RemoteBuilder
let config: TemporaryDirectory
let host: string

beforeAll(async () => {
  ;[remote, config, host] = await Promise.all([startRemoteBuilder(other), temporaryDirectory(), engineAddress()])
  await symlink(await pluginDirectory(), path.join(config.path, 'cli-plugins'))
  await buildx('create', '--name', other, '--driver', 'remote', remote.endpoints[0]?.address ?? '')
})

afterAll(async () => {
  await Promise.all([remote[Symbol.asyncDispose](), config[Symbol.asyncDispose]()])
})

/** The builder as it is read from the engine, with a configuration that has another builder. */
async function read(name?: string, variables: Readonly<Record<string, string>> = {}): Promise<Builder | undefined> {
  const env = {PATH: process.env['PATH'] ?? '', DOCKER_HOST: host, DOCKER_CONFIG: config.path, ...variables}
  const dockerConfig = {directory: config.path, env, userConfig: {}}
  return engineBuilder(name, {dockerConfig, io: realIo(new AbortController().signal), runsBuildx: isPlugin})
}

async function buildx(...args: readonly string[]): Promise<string> {
  return docker(['buildx', ...args], config.path, {DOCKER_HOST: host})
}

describe("the engine's own builder, read over its socket", () => {
  beforeAll(async () => {
    await buildx('use', 'default')
  })

  test('has the features that Buildx reports', async () => {
    const reported = parseBuilder(await buildx('inspect'))
    expect(reported).toMatchObject({name: 'default', driver: 'docker', errors: []})
    expect(await read()).toEqual(reported)
    expect(await read('default')).toEqual(reported)
  })

  test.each([
    {name: 'for this engine', flags: []},
    {name: 'as default of this engine', flags: ['--default']},
    {name: 'for all engines', flags: ['--global']},
  ])('is not read if another builder is selected $name', async ({flags}) => {
    await buildx('use', ...flags, other)
    try {
      expect(parseBuilder(await buildx('inspect')).name).toBe(other)
      expect(await read()).toBeUndefined()
      expect((await read('default'))?.driver).toBe('docker')
    } finally {
      await rm(path.join(config.path, 'buildx', 'defaults'), {recursive: true, force: true})
      await buildx('use', 'default')
    }
  })

  test('is not read if the environment names another builder', async () => {
    expect(await read(undefined, {BUILDX_BUILDER: other})).toBeUndefined()
    expect(await read(other)).toBeUndefined()
  })

  test('is not read if the Buildx of the Docker CLI is missing', async () => {
    expect(await read(undefined, {PATH: config.path})).toBeUndefined()
  })
})
