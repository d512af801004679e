import {rm} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {docker} from '../../testing/docker.ts'
import {expectFailure} from '../../testing/failure.ts'
import {readIndex, readManifest, type OciIndex} from '../../testing/image.ts'
import {stepOn} from '../../testing/pushes.ts'
import {changesOf, startRegistry, type Registry} from '../../testing/registry.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../../testing/remote-builder.ts'
import {errorsIn, executedCommands} from '../../testing/runner-log.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

type Given = Readonly<Record<string, string>>

const builders = ['default', 'remote'] as const
type BuilderName = (typeof builders)[number]

let registry: Registry
let workspace: Workspace
let remote: RemoteBuilder
let nodes: RemoteBuilder

beforeAll(async () => {
  ;[registry, workspace, remote, nodes] = await Promise.all([
    startRegistry(),
    workspaceOf({Dockerfile: plainDockerfile}),
    startRemoteBuilder('shaping'),
    startRemoteBuilder('sharing', [{platforms: 'linux/amd64'}, {platforms: 'linux/arm64'}]),
  ])
})

afterAll(async () => {
  await Promise.all([remote, nodes].map(async (builder) => builder[Symbol.asyncDispose]()))
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

/** Variables and inputs that select a builder. */
function on(builder: BuilderName | 'nodes'): {readonly env: Given; readonly inputs: Given} {
  if (builder === 'default') return {env: {}, inputs: {driver: 'docker'}}
  const {config, name} = builder === 'remote' ? remote : nodes
  return {env: {DOCKER_CONFIG: config}, inputs: {builder: name}}
}

/** Publishes for a push of a version tag. Default tag: `one`. */
async function publish(inputs: Given, {env, inputs: ofBuilder} = on('default')): Promise<StepResult> {
  const push = {ref: 'refs/tags/v1.2.3', sha: 'c'.repeat(40), runId: '100'}
  const values = {tags: 'type=raw,value=one', ...inputs, ...ofBuilder}
  await using step = await stepOn(push, {workspace: workspace.directory, inputs: values, env})
  return await step.run()
}

async function onEvent(event: string, inputs: Given, {env, inputs: ofBuilder} = on('default')): Promise<StepResult> {
  const values = {...inputs, ...ofBuilder}
  await using step = await Step.prepare({event, workspace: workspace.directory, inputs: values, env})
  return await step.run()
}

function expectGood({exitCode, log}: StepResult): void {
  expect(errorsIn(log)).toEqual([])
  expect(exitCode).toBe(0)
}

function notices({log}: StepResult): readonly string[] {
  return executedCommands(log).flatMap(({name, message}) => (name === 'notice' ? [message] : []))
}

/** Requests that could have changed the registry since then. */
async function writesSince(count: number): Promise<readonly string[]> {
  return changesOf((await registry.requests()).slice(count)).map(({method, path: at}) => `${method} ${at}`)
}

async function requestCount(): Promise<number> {
  return (await registry.requests()).length
}

/** Published index, and the layers of each of its platforms. */
async function published(repository: string, tag = 'one'): Promise<{index: OciIndex; layers: readonly string[]}> {
  const index = await readIndex({registry, repository, reference: tag})
  const images = index.manifests.filter(({platform}) => platform?.os !== 'unknown')
  const manifests = images.map(async ({digest}) => readManifest({registry, repository, reference: digest}))
  const layers = (await Promise.all(manifests)).flatMap((manifest) => manifest.layers)
  return {index, layers: layers.map(({mediaType}) => mediaType)}
}

async function engineHolds(name: string): Promise<boolean> {
  const found = await docker(['image', 'ls', '--quiet', '--filter', `reference=${name}`])
  return found.trim() !== ''
}

describe('a plan without a push does not write to a registry', () => {
  const withHost = (text: string): string => text.replaceAll('REGISTRY', registry.host)
  const named = 'type=image,name=REGISTRY/other/app:dev,push=true'

  test.each([
    {name: 'an output that pushes a name, and push is false', inputs: {push: 'false', outputs: named}},
    {name: 'an output to the registry, and push is false', inputs: {push: 'false', outputs: 'type=registry'}},
    {name: 'the same, loaded too', inputs: {push: 'false', load: 'true', outputs: 'type=image,push=true'}},
    {
      name: 'an engine image with push=true',
      inputs: {push: 'false', outputs: 'type=docker,name=REGISTRY/other/app:dev,push=true'},
      value: 'type=docker cannot push',
    },
    {
      name: "Docker's recipe for several runners",
      inputs: {
        push: 'false',
        outputs: 'type=image,name=REGISTRY/no/app,push-by-digest=true,name-canonical=true,push=true',
      },
      value: 'tagboat/tagboat/stage',
    },
  ])('$name: refused before the build', async ({inputs, value = '`push: auto`'}) => {
    const before = await requestCount()
    const values = {images: `${registry.host}/no/app`, ...inputs, outputs: withHost(inputs.outputs)}
    const result = await publish(values)
    expectFailure(result, {code: 'input-invalid', values: ['outputs, line 1', value]})
    expect(result.log).not.toContain('docker buildx build')
    expect(await requestCount()).toBe(before)
  })

  async function expectQuiet(event: string, inputs: Given, builder: BuilderName, noticeCount: number): Promise<void> {
    const before = await requestCount()
    const values = Object.entries({images: 'REGISTRY/no/app', ...inputs}).map(([key, text]) => [key, withHost(text)])
    const result = await onEvent(event, Object.fromEntries(values) as Given, on(builder))
    expectGood(result)
    expect(result.outputs.get('pushed')).toBe('false')
    expect(notices(result).filter((line) => line.startsWith('outputs'))).toHaveLength(noticeCount)
    expect(await writesSince(before)).toEqual([])
    expect(await registry.tags('other/app')).toEqual([])
  }

  describe.each(builders)('with the builder %s', (builder) => {
    test.each([
      {name: 'a name that is pushed', inputs: {outputs: named}, noticeCount: 1},
      {name: 'a name that is pushed, alone', inputs: {images: '', outputs: named}, noticeCount: 1},
      {name: 'a registry, loaded too', inputs: {outputs: 'type=registry', load: 'true'}, noticeCount: 1},
      {
        name: 'other names',
        inputs: {outputs: 'type=image,name=REGISTRY/other/app:kept,push-by-digest=true\ntype=oci,dest=/dev/null'},
        noticeCount: 0,
      },
    ])('$name, in a pull request', async ({inputs, noticeCount}) => {
      await expectQuiet('pull-request', inputs, builder, noticeCount)
    })
  })

  test.each([
    {
      name: 'a registry, for a fork',
      event: 'pull-request-fork',
      inputs: {outputs: 'type=registry\ntype=cacheonly'},
      noticeCount: 1,
    },
    {
      name: 'a cache, for a fork',
      event: 'pull-request-fork',
      inputs: {cache: 'registry', outputs: 'type=image,compression=zstd'},
      noticeCount: 0,
    },
    {name: 'a call', event: 'pull-request', inputs: {call: 'check', outputs: named}, noticeCount: 1},
    {name: 'a dry run', event: 'push-tag', inputs: {'dry-run': 'true', outputs: named}, noticeCount: 0},
    {
      name: 'push: false',
      event: 'push-tag',
      inputs: {push: 'false', load: 'true', outputs: 'type=image'},
      noticeCount: 0,
    },
  ])('$name', async ({event, inputs, noticeCount}) => {
    await expectQuiet(event, inputs, 'default', noticeCount)
  })

  test('but keeps the names of images in the engine', async () => {
    const name = `tagboat-outputs-${process.pid}`
    const outputs = `type=docker,name=${name}/docker:local\ntype=image,name=${name}/image:local\ntype=image`
    const result = await publish({images: `${registry.host}/${name}/plan`, push: 'false', outputs})
    expectGood(result)
    const names = [`${name}/docker:local`, `${name}/image:local`, `${registry.host}/${name}/plan:one`]
    expect(await Promise.all(names.map(engineHolds))).toEqual([true, true, true])
    await docker(['image', 'rm', ...names])
  })
})

describe.each([...builders, 'nodes'] as const)(
  'attributes of the image reach what is published, with %s',
  (builder) => {
    const platforms = {platforms: 'linux/amd64,linux/arm64'}
    const zstd = Array.from({length: 2}, () => 'application/vnd.oci.image.layer.v1.tar+zstd')

    test.each([
      {name: 'of an unnamed image', kind: 'type=image', also: undefined},
      {name: 'of a registry', kind: 'type=registry', also: undefined},
      {name: 'of an image that is pushed to a name', kind: 'type=image,push=true,name=REGISTRY/NEW:dev', also: 'dev'},
    ])('$name', async ({kind, also}) => {
      const repository = `shape/${builder}-${also ?? kind.slice('type='.length)}`
      const output = kind.replace('REGISTRY', registry.host).replace('NEW', `${repository}-new`)
      const shape = 'compression=zstd,force-compression=true,oci-mediatypes=true,annotation-index.org.example.a=My text'
      const inputs = {images: `${registry.host}/${repository}`, ...platforms, outputs: `${output},${shape}`}
      const result = await publish(inputs, on(builder))
      expectGood(result)
      const {index, layers} = await published(repository)
      expect(layers).toEqual(zstd)
      expect(index.annotations?.['org.example.a']).toBe('My text')
      const digest = result.outputs.get('digest')
      expect((await registry.manifest(repository, 'one'))?.digest).toBe(digest)
      expect(await registry.tags(repository)).toEqual(['one'])
      // The transaction pushes by digest first, and then writes the tag.
      expect(executedCommands(result.log).filter(({name}) => name === 'warning')).toEqual([])
      if (also === undefined) return
      expect((await registry.manifest(`${repository}-new`, also))?.digest).toBe(digest)
      expect(await registry.tags(`${repository}-new`)).toEqual([also])
    })
  },
)

describe.each(builders)('an image with another name, and a push with %s', (builder) => {
  test('applies to the published image only', async () => {
    const repository = `named/${builder}`
    const name = `tagboat-outputs-${builder}-${process.pid}`
    const outputs = `type=image,name=${name},annotation-index.org.opencontainers.image.description=My text`
    const before = await requestCount()
    const inputs = {images: `${registry.host}/${repository}`, platforms: 'linux/amd64,linux/arm64', outputs}
    const result = await publish(inputs, on(builder))
    expectGood(result)
    const {index} = await published(repository)
    expect(index.annotations?.['org.opencontainers.image.description']).toBe('My text')
    expect((await registry.manifest(repository, 'one'))?.digest).toBe(result.outputs.get('digest'))
    const elsewhere = (await writesSince(before)).filter((line) => !line.includes(`/v2/${repository}/`))
    expect(elsewhere).toEqual([])
    // A separate builder does not load its images into the engine.
    if (builder === 'remote') return
    expect(await engineHolds(name)).toBe(true)
    await docker(['image', 'rm', name])
  })

  test('by digest, without a push, does not change the digest', async () => {
    const repository = `undigested/${builder}`
    const outputs = `type=image,name=${registry.host}/undigested/other,push-by-digest=true,name-canonical=true`
    const result = await publish({images: `${registry.host}/${repository}`, outputs}, on(builder))
    expectGood(result)
    expect((await registry.manifest(repository, 'one'))?.digest).toBe(result.outputs.get('digest'))
    const paths = (await registry.requests()).map(({path: at}) => at)
    expect(paths.filter((at) => at.includes('/undigested/other/'))).toEqual([])
    await docker(['image', 'rm', `${registry.host}/undigested/other:latest`]).catch(() => undefined)
  })
})

describe('names in outputs that push', () => {
  test('are published without `images` and `tags`', async () => {
    const outputs = [
      `type=image,name=${registry.host}/name/app:latest,push=true`,
      `type=docker,name=tagboat-outputs-app-${process.pid}:local`,
      `type=oci,dest=${path.join(workspace.directory, 'oci.tar')}`,
    ].join('\n')
    const result = await publish({tags: '', outputs}, on('remote'))
    expectGood(result)
    expect(JSON.parse(result.outputs.get('moved-tags') ?? '')).toMatchObject([
      {reference: `${registry.host}/name/app:latest`},
    ])
    expect((await registry.manifest('name/app', 'latest'))?.digest).toBe(result.outputs.get('digest'))
    expect(await engineHolds(`tagboat-outputs-app-${process.pid}:local`)).toBe(true)
    await docker(['image', 'rm', `tagboat-outputs-app-${process.pid}:local`])
    await rm(path.join(workspace.directory, 'oci.tar'))
  })

  test('do not replace exact tags', async () => {
    const first = await publish({images: `${registry.host}/exact/app`, tags: 'type=raw,value=2.0.0'})
    expectGood(first)
    const outputs = `type=image,name=${registry.host}/exact/app:2.0.0,push=true`
    const push = {ref: 'refs/heads/master', sha: 'd'.repeat(40), runId: '101'}
    const inputs = {tags: `${registry.host}/exact/app:edge`, outputs, 'build-args': 'A=1', ...on('default').inputs}
    await using step = await stepOn(push, {workspace: workspace.directory, inputs})
    expectFailure(await step.run(), {code: 'tag-taken', values: ['exact/app:2.0.0']})
    expect((await registry.manifest('exact/app', '2.0.0'))?.digest).toBe(first.outputs.get('digest'))
    expect(await registry.tags('exact/app')).toEqual(['2.0.0'])
  })
})

test('BUILDX_NO_DEFAULT_ATTESTATIONS leaves provenance out of an index of several platforms', async () => {
  const {env, inputs} = on('default')
  const values = {images: `${registry.host}/unattested/app`, platforms: 'linux/amd64,linux/arm64'}
  const result = await publish(values, {env: {...env, BUILDX_NO_DEFAULT_ATTESTATIONS: '1'}, inputs})
  expectGood(result)
  const {index} = await published('unattested/app')
  expect(index.manifests.map(({platform}) => platform?.architecture).sort()).toEqual(['amd64', 'arm64'])
})
