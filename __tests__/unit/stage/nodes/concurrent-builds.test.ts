import {writeFile} from 'node:fs/promises'
import {describe, expect, test} from '@jest/globals'
import {files} from '../../../../src/io/files.ts'
import type {Command} from '../../../../src/io/command.ts'
import {TagboatError} from '../../../../src/errors/error.ts'
import {Problems} from '../../../../src/inputs/problem.ts'
import {readInputs} from '../../../../src/inputs/read.ts'
import {buildConcurrently, type NodeBuild} from '../../../../src/stage/nodes/concurrent-builds.ts'
import {mergePushed} from '../../../../src/stage/nodes/merge-pushed.ts'
import {scriptedProcesses, temporaryDirectory, type Script} from '../../../../testing/fake-io.ts'
import {makeImage, memoryNetwork, memoryRegistry, type MemoryRegistry} from '../../../../testing/memory-registry.ts'
import {testClients} from '../../../../testing/registry-client.ts'

async function buildsIn(directory: string, architectures: readonly string[]): Promise<readonly NodeBuild[]> {
  const problems = new Problems()
  const {build: inputs} = await readInputs(new Map(), problems)
  problems.throwIfAny()
  return architectures.map((architecture): NodeBuild => {
    const platforms = [{os: 'linux', architecture}]
    const node = {name: architecture, endpoint: `tcp://${architecture}`, status: '', platforms, fixed: [], buildkit: ''}
    return {
      assignment: {node, platforms},
      request: {
        inputs: {...inputs, platforms},
        builder: 'pair',
        tags: [],
        labels: [],
        annotations: [],
        destination: {kind: 'none'},
        sourceDateEpoch: undefined,
        gitContext: 'https://github.com/octocat/Hello-World.git#main',
        gitToken: undefined,
        builderId: 'https://github.com/octocat/Hello-World/actions/runs/1',
        metadataFile: `${directory}/${architecture}.json`,
        imageIdFile: `${directory}/${architecture}`,
      },
      env: {PATH: '/bin', NODE: architecture},
    }
  })
}

/** A build that runs until it is cancelled. */
async function lasting({until}: Command): Promise<never> {
  const ended = Promise.withResolvers<never>()
  until?.addEventListener('abort', () => {
    ended.reject(new Error('ended from outside'))
  })
  return ended.promise
}

const io = {
  files,
  hide: (text: string) => text,
  sleep: async () => new Promise<void>(() => undefined),
  onCacheFaults: () => undefined,
}

async function run(script: Script): Promise<{readonly error: unknown; readonly most: number; readonly shown: string}> {
  await using directory = await temporaryDirectory()
  const processes = scriptedProcesses(script)
  let shown = ''
  const builds = await buildsIn(directory.path, ['amd64', 'arm64'])
  const running = buildConcurrently(builds, (text) => (shown += text), {...io, processes})
  const error = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return {error, most: processes.maxConcurrent(), shown}
}

describe('buildConcurrently', () => {
  test('runs builds concurrently in their environments and returns the results in order', async () => {
    await using directory = await temporaryDirectory()
    const [first, second] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
    const processes = scriptedProcesses(async ({env}) => {
      const name = env['NODE'] ?? ''
      ;(name === 'amd64' ? first : second).resolve(undefined)
      await Promise.all([first.promise, second.promise])
      await writeFile(`${directory.path}/${name}`, `id of ${name}\n`)
      return {}
    })
    const builds = await buildsIn(directory.path, ['amd64', 'arm64'])
    const results = await buildConcurrently(builds, () => undefined, {...io, processes})
    expect(results.map(({imageId}) => imageId)).toEqual(['id of amd64', 'id of arm64'])
    expect(processes.maxConcurrent()).toBe(2)
  })

  test('stops the others when one fails, and throws its error with the node', async () => {
    const {error} = await run(async (command) =>
      command.env['NODE'] === 'amd64'
        ? lasting(command)
        : {exitCode: 1, stderr: 'ERROR: failed to solve: exit code: 7\n'},
    )
    expect(error).toBeInstanceOf(TagboatError)
    expect(error).toMatchObject({
      code: 'build-failed',
      evidence: expect.arrayContaining(['on the node "arm64" (tcp://arm64), for linux/arm64']) as unknown,
    })
  })

  test('throws a cancellation unchanged', async () => {
    const {error} = await run(async ({env}) => {
      if (env['NODE'] === 'amd64') throw new TagboatError('cancelled')
      await Promise.resolve()
      return {}
    })
    expect(error).toMatchObject({code: 'cancelled', evidence: []})
  })
})

async function merged(
  [first, second]: readonly [MemoryRegistry, MemoryRegistry],
  annotations: Readonly<Record<string, string>> = {},
): Promise<readonly [string, Buffer]> {
  using clients = testClients(memoryNetwork([first, second]))
  const parts = ['linux/amd64', 'linux/arm64'].map((platform) => partOf(platform).digest)
  const repositories = [clients.of(first.host, 'o/app'), clients.of(second.host, 'p/app')]
  const {digest, bytes} = await mergePushed(parts, repositories, {annotations, sleep: async () => Promise.resolve()})
  return [digest, Buffer.from(bytes)]
}

function partOf(platform: string): ReturnType<typeof makeImage> {
  return makeImage({platforms: [platform], attestations: true, annotations: {a: 'part'}})
}

function registries(): readonly [MemoryRegistry, MemoryRegistry] {
  return [memoryRegistry({host: 'r.example'}), memoryRegistry({host: 's.example'})]
}

describe('mergePushed', () => {
  test('pushes one index with annotations to all repositories, without tags', async () => {
    const both = registries()
    for (const platform of ['linux/arm64', 'linux/amd64']) {
      both[0].store('o/app', partOf(platform))
      both[1].store('p/app', partOf(platform))
    }
    const [digest, bytes] = await merged(both, {b: 'whole'})
    const index = JSON.parse(bytes.toString()) as {readonly manifests: readonly object[]; readonly annotations: object}
    expect(index.manifests).toHaveLength(4)
    expect(index.annotations).toEqual({b: 'whole'})
    for (const [registry, name] of [
      [both[0], 'o/app'],
      [both[1], 'p/app'],
    ] as const) {
      expect(registry.snapshot()[name]).toMatchObject({tags: {}})
      expect(registry.snapshot()[name]?.manifests).toContain(digest)
      expect(registry.requests.filter(({method}) => method === 'PUT')).toHaveLength(1)
    }
  })

  test('copies an image that a repository does not have', async () => {
    const both = registries()
    for (const platform of ['linux/amd64', 'linux/arm64']) both[0].store('o/app', partOf(platform))
    both[1].store('p/app', partOf('linux/amd64'))
    const [digest] = await merged(both)
    const there = both[1].snapshot()['p/app']?.manifests ?? []
    expect(there).toEqual(expect.arrayContaining([digest, ...partOf('linux/arm64').platforms.values()]))
  })

  test('throws if a pushed image does not exist', async () => {
    const both = registries()
    both[0].store('o/app', partOf('linux/amd64'))
    await expect(merged(both)).rejects.toMatchObject({
      code: 'digest-hidden',
      evidence: [`r.example/o/app does not have ${partOf('linux/arm64').digest}, which Buildx has pushed`],
    })
  })
})
