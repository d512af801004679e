import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {docker} from '../../testing/docker.ts'
import type {Push} from '../../testing/pushes.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../../testing/remote-builder.ts'
import {runSource, type SourceResult} from '../../testing/source-run.ts'
import {shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const platforms = ['linux/amd64', 'linux/arm64']
const push: Push = {ref: 'refs/tags/v1.2.3', sha: 'a'.repeat(40), date: '2020-02-03T04:05:06Z', runId: '100'}
const tagNames = ['1.2.3', '1.2', '1', 'latest', 'sha-aaaaaaa']
let registry: Registry
let workspace: Workspace
let remote: RemoteBuilder
const loaded = new Set<string>()

beforeAll(async () => {
  const command = 'CMD ["cat", "/platform"]'
  ;[registry, workspace, remote] = await Promise.all([
    startRegistry(),
    workspaceOf({
      Dockerfile: [
        ...shellDockerfile,
        'ARG TARGETPLATFORM',
        'RUN echo $TARGETPLATFORM $(uname -m) > /platform',
        command,
      ],
    }),
    startRemoteBuilder('loader'),
  ])
})

afterAll(async () => {
  for (const name of loaded) await docker(['image', 'rm', '--force', name])
  await remote[Symbol.asyncDispose]()
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

async function run(
  repository: string,
  inputs: Readonly<Record<string, string>> = {},
  builder?: RemoteBuilder,
): Promise<SourceResult> {
  const image = `${registry.host}/${repository}`
  for (const tag of tagNames) loaded.add(`${image}:${tag}`)
  const env = builder === undefined ? {} : {DOCKER_CONFIG: builder.config}
  return runSource({
    push,
    env,
    inputs: {
      images: image,
      context: workspace.directory,
      'build-contexts': shellContext(),
      platforms: platforms.join(),
      load: 'true',
      ...(builder && {builder: builder.name}),
      ...inputs,
    },
  })
}

async function idOf(reference: string): Promise<string> {
  return (await docker(['image', 'inspect', '--format', '{{.Id}}', reference])).trim()
}

/** Output of the loaded image of each platform, without a pull. */
async function printedBy(reference: string): Promise<readonly string[]> {
  const args = (platform: string): string[] => [
    'run',
    '--rm',
    '--pull',
    'never',
    '--network',
    'none',
    '--platform',
    platform,
    reference,
  ]
  return Promise.all(platforms.map(async (platform) => (await docker(args(platform))).trim()))
}

async function expectLoaded(repository: string, {failure, outputs, log}: SourceResult): Promise<string> {
  expect(failure).toBeUndefined()
  const digest = outputs.get('digest') ?? 'none'
  const image = `${registry.host}/${repository}`
  const names = tagNames.map((tag) => `${image}:${tag}`)
  expect(await Promise.all(names.map(idOf))).toEqual(names.map(() => digest))
  expect(outputs.get('imageid')).toBe(digest)
  expect(await printedBy(`${image}:1.2.3`)).toEqual(['linux/amd64 x86_64', 'linux/arm64 aarch64'])
  const [line = ''] = log.filter((text) => text.startsWith('printed: Loaded '))
  expect(line).toContain(`Loaded ${digest} (${platforms.join(', ')}) as ${image}:`)
  return digest
}

describe.each([
  {builder: 'the engine', repository: 'load/engine', isRemote: false},
  {builder: 'a remote BuildKit', repository: 'load/remote', isRemote: true},
])('load with a push, by $builder', ({repository, isRemote}) => {
  test('adds every platform of the published digest to the engine, before `test`', async () => {
    const name = `${registry.host}/${repository}:1.2.3`
    const test = `test "$(docker image inspect --format '{{.Id}}' ${name})" = "\${IMAGE#*@}"`
    const result = await run(repository, {test}, isRemote ? remote : undefined)
    const digest = await expectLoaded(repository, result)
    expect((await registry.manifest(repository, '1.2.3'))?.digest).toBe(digest)
    expect(result.log.filter((text) => text === 'group: docker buildx build')).toHaveLength(1)
    expect(result.log.join('\n')).toContain('attestation manifest')
  })
})

test('an existing release is loaded without a build', async () => {
  const repository = 'load/again'
  const first = await run(repository, {load: 'false'})
  expect(first.failure).toBeUndefined()
  const again = await run(repository)
  expect(await expectLoaded(repository, again)).toBe(first.outputs.get('digest'))
  expect(again.log).not.toContain('group: docker buildx build')
})

test('the image id of one platform, built by a remote BuildKit, is that of the engine', async () => {
  for (const push of ['true', 'false']) {
    const repository = `load/id-${push}`
    const given = {platforms: 'linux/amd64', provenance: 'false', push}
    const {failure, outputs} = await run(repository, given, remote)
    expect(failure).toBeUndefined()
    expect(outputs.get('imageid')).toBe(await idOf(`${registry.host}/${repository}:1.2.3`))
  }
})

describe('load without a push', () => {
  test.each([
    {builder: 'the engine', repository: 'load/engine-alone', isRemote: false},
    {builder: 'a remote BuildKit', repository: 'load/remote-alone', isRemote: true},
  ])('adds every platform to the engine, by $builder', async ({repository, isRemote}) => {
    const {failure, outputs} = await run(repository, {push: 'false'}, isRemote ? remote : undefined)
    expect(failure).toBeUndefined()
    const name = `${registry.host}/${repository}:1.2.3`
    expect(await idOf(name)).toBe(outputs.get('digest'))
    expect(await printedBy(name)).toEqual(['linux/amd64 x86_64', 'linux/arm64 aarch64'])
    expect(await registry.tags(repository)).toEqual([])
  })
})

test('one platform keeps its published digest', async () => {
  const repository = 'load/single'
  const {failure, outputs} = await run(repository, {platforms: 'linux/amd64'}, remote)
  expect(failure).toBeUndefined()
  const digest = outputs.get('digest')
  expect(await idOf(`${registry.host}/${repository}:latest`)).toBe(digest)
  expect((await registry.manifest(repository, 'latest'))?.digest).toBe(digest)
})
