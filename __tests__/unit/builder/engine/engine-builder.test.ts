import {existsSync} from 'node:fs'
import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {engineBuilder} from '../../../../src/builder/engine/engine-builder.ts'
import type {Builder} from '../../../../src/buildx/inspect.ts'
import type {SocketAddress} from '../../../../src/io/connections/socket-connection.ts'
import {files} from '../../../../src/io/files.ts'
import {realIo} from '../../../../src/io/real-io.ts'
import {controlAnswer, startGrpcServer, type ServedWorker} from '../../../../testing/content-server.ts'
import {temporaryDirectory} from '../../../../testing/fake-io.ts'

const amd64 = ['amd64', 'linux']
const containerd = 'org.mobyproject.buildkit.worker.containerd.uuid'

interface Scenario {
  readonly name?: string
  readonly env?: Readonly<Record<string, string>>
  readonly currentContext?: string
  /** Texts of files in the directory of Buildx. */
  readonly selected?: Readonly<Record<string, string>>
  readonly workers?: readonly ServedWorker[]
  readonly version?: string | undefined
  readonly hasPlugin?: boolean
}

/** The builder that was read, and the addresses that were connected to. */
interface Result {
  readonly builder: Builder | undefined
  readonly connected: readonly (SocketAddress | undefined)[]
}

async function read(scenario: Scenario): Promise<Result> {
  const {workers = [{platforms: [amd64]}], env = {}, selected = {}} = scenario
  const version = 'version' in scenario ? scenario.version : 'v0.25.0'
  await using directory = await temporaryDirectory()
  for (const [name, text] of Object.entries(selected)) {
    const file = path.join(directory.path, 'buildx', name)
    await mkdir(path.dirname(file), {recursive: true})
    await writeFile(file, text)
  }
  await using server = await startGrpcServer(controlAnswer(workers, version))
  const connected: (SocketAddress | undefined)[] = []
  const builder = await engineBuilder(scenario.name, {
    dockerConfig: {directory: directory.path, env, userConfig: {currentContext: scenario.currentContext}},
    io: {
      files,
      dial: async (address) => {
        connected.push(address)
        return server.connect()
      },
    },
    runsBuildx: async () => Promise.resolve(scenario.hasPlugin ?? true),
  })
  return {builder, connected}
}

describe('engineBuilder', () => {
  test.each([
    {store: 'containerd', labels: [containerd], staging: 'oci-layout'},
    {store: 'the classic store', labels: ['org.mobyproject.buildkit.worker.executor'], staging: 'none'},
  ])('describes an engine with $store as Buildx does', async ({labels, staging}) => {
    const platforms = [amd64, ['amd64', 'linux', 'v2'], amd64, ['arm64', 'linux']]
    const known = [
      {os: 'linux', architecture: 'amd64'},
      {os: 'linux', architecture: 'amd64', variant: 'v2'},
      {os: 'linux', architecture: 'arm64'},
    ]
    const {builder, connected} = await read({workers: [{labels, platforms}]})
    expect(builder).toEqual({
      name: 'default',
      driver: 'docker',
      staging,
      dials: true,
      nodes: [
        {
          name: 'default',
          endpoint: 'default',
          status: 'running',
          platforms: known,
          fixed: [],
          buildkit: 'v0.25.0',
        },
      ],
      platforms: known,
      errors: [],
    })
    expect(connected).toEqual([{at: {path: '/var/run/docker.sock'}, upgrade: '/grpc'}])
  })

  test.each<Scenario & {readonly when: string; readonly socket?: string}>([
    {when: 'the builder is named', name: 'default', env: {BUILDX_BUILDER: 'mine'}},
    {when: 'the environment names the builder', env: {BUILDX_BUILDER: 'default'}},
    {when: 'no builder is selected', selected: {current: '{"Key":"unix:///run/d.sock","Name":"","Global":false}'}},
    {when: 'the engine has another socket', env: {DOCKER_HOST: 'unix:///run/d.sock'}, socket: '/run/d.sock'},
    {
      when: 'the address precedes a context',
      env: {DOCKER_HOST: 'unix:///run/d.sock', DOCKER_CONTEXT: 'far'},
      socket: '/run/d.sock',
    },
  ])('is read when $when', async ({socket = '/var/run/docker.sock', ...scenario}) => {
    const {builder, connected} = await read(scenario)
    expect(builder?.name).toBe('default')
    expect(connected).toEqual([{at: {path: socket}, upgrade: '/grpc'}])
  })

  test.each<Scenario & {readonly when: string}>([
    {when: 'another builder is named', name: 'mine'},
    {when: 'the environment names another builder', env: {BUILDX_BUILDER: 'mine'}},
    {when: 'another builder is selected', selected: {current: '{"Key":"unix:///var/run/docker.sock","Name":"mine"}'}},
    {when: 'another builder is the default of an engine', selected: {'defaults/ab12': 'mine'}},
    {when: 'the selection cannot be read', selected: {current: 'mine'}},
    {when: 'a builder was created with the same name', name: 'default', selected: {'instances/default': '{}'}},
    {when: 'another context is current', currentContext: 'far'},
    {when: 'the engine is at a port', env: {DOCKER_HOST: 'tcp://127.0.0.1:2375'}},
    {when: 'Buildx runs in another way', hasPlugin: false},
  ])('is left to Buildx when $when', async (scenario) => {
    expect(await read(scenario)).toEqual({builder: undefined, connected: []})
  })

  test.each<Scenario & {readonly when: string}>([
    {when: 'the engine does not report its version', version: undefined},
    {when: 'its version is empty', version: ''},
    {when: 'there is no worker', workers: []},
    {when: 'there are several workers', workers: [{}, {}]},
  ])('is left to Buildx after a question to the engine when $when', async (scenario) => {
    const {builder, connected} = await read(scenario)
    expect(builder).toBeUndefined()
    expect(connected).toHaveLength(1)
  })

  test('starts no program when the socket refuses', async () => {
    await using directory = await temporaryDirectory()
    const [program, mark, socket] = ['docker', 'started', 'docker.sock'].map((name) => path.join(directory.path, name))
    await writeFile(program ?? '', `#!/bin/sh\n: > '${mark ?? ''}'\n`, {mode: 0o755})
    const builder = await engineBuilder(undefined, {
      dockerConfig: {
        directory: directory.path,
        env: {PATH: `${directory.path}:/usr/bin:/bin`, DOCKER_HOST: `unix://${socket ?? ''}`},
        userConfig: {},
      },
      io: realIo(new AbortController().signal),
      runsBuildx: async () => Promise.resolve(true),
    })
    expect(builder).toBeUndefined()
    expect(existsSync(mark ?? '')).toBe(false)
  })
})
