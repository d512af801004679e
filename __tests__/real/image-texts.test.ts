import {readdir, utimes} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {stage} from '../../src/commands/stage.ts'
import {factKeys} from '../../src/oci/image-facts.ts'
import {readConfig, readIndex, readManifest, type OciConfig, type OciIndex} from '../../testing/image.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../../testing/remote-builder.ts'
import {runSource, type SourceResult} from '../../testing/source-run.ts'
import {workspaceOf} from '../../testing/workspace.ts'

type Given = Readonly<Record<string, string>>

const sha = 'b'.repeat(40)
const dockerfile = [
  'FROM scratch',
  'ARG VERSION',
  'LABEL built=$VERSION org.opencontainers.image.title=mine',
  'COPY Dockerfile /Dockerfile',
]
const both = 'linux/amd64,linux/arm64'
const sourceKey = 'org.opencontainers.image.source'
const source = 'https://github.com/Codertocat/Hello-World'

let registry: Registry
let remote: RemoteBuilder

beforeAll(async () => {
  ;[registry, remote] = await Promise.all([startRegistry(), startRemoteBuilder('texts')])
})

afterAll(async () => {
  await remote[Symbol.asyncDispose]()
  await registry.stop()
})

interface Run {
  readonly repository: string
  readonly inputs: Given
  readonly env?: Given
  readonly isStage?: boolean
  /** Whether BuildKit runs outside of the engine. */
  readonly own?: boolean
  readonly runId?: string
  readonly now?: Date
}

async function run({repository, inputs, env = {}, isStage = false, own = false, ...rest}: Run): Promise<SourceResult> {
  await using workspace = await workspaceOf({Dockerfile: dockerfile})
  await utimes(path.join(workspace.directory, 'Dockerfile'), 0, 0)
  const {runId = '1', now} = rest
  const builder: Given = own ? {builder: remote.name} : {driver: 'docker'}
  const result = await runSource({
    push: {ref: 'refs/tags/v1.2.3', sha, date: '2020-02-03T05:06:07+01:00', runId},
    inputs: {
      images: `${registry.host}/${repository}`,
      context: workspace.directory,
      tags: '1.2.3',
      ...builder,
      ...inputs,
    },
    env: {GITHUB_WORKSPACE: workspace.directory, ...(own ? {DOCKER_CONFIG: remote.config} : {}), ...env},
    ...(isStage && {command: stage}),
    ...(now && {now}),
  })
  expect(result.failure?.evidence).toBeUndefined()
  return result
}

const notices = ({log}: SourceResult): readonly string[] => log.filter((line) => line.startsWith('notice: '))

async function indexOf(repository: string, {outputs}: SourceResult): Promise<OciIndex> {
  return readIndex({registry, repository, reference: outputs.get('digest') ?? ''})
}

async function configOf(repository: string, result: SourceResult, platform = 'linux/amd64'): Promise<OciConfig> {
  const digests = JSON.parse(result.outputs.get('digests') ?? '{}') as Record<string, string>
  return readConfig({registry, repository, reference: digests[platform] ?? ''})
}

describe.each([
  {name: 'the engine', own: false},
  {name: 'a BuildKit of its own', own: true},
])('annotations, by $name', ({own}) => {
  const place = own ? 'own' : 'engine'

  test('of the manifest of one platform stay there', async () => {
    const repository = `texts/platform-${place}`
    const annotations = 'none\nmanifest[linux/arm64]:only=arm64\nmanifest-descriptor[linux/amd64]:at=amd64\nall=x'
    const result = await run({repository, own, inputs: {platforms: both, annotations}})
    const {manifests} = await indexOf(repository, result)
    const found = await Promise.all(
      ['amd64', 'arm64'].map(async (architecture) => {
        const descriptor = manifests.find(({platform}) => platform?.architecture === architecture)
        const manifest = await readManifest({registry, repository, reference: descriptor?.digest ?? ''})
        return {manifest: manifest.annotations, descriptor: descriptor?.annotations}
      }),
    )
    expect(found).toEqual([
      {manifest: {all: 'x'}, descriptor: {at: 'amd64'}},
      {manifest: {all: 'x', only: 'arm64'}, descriptor: undefined},
    ])
    expect(result.outputs.get('annotations')?.split('\n')).toContain('manifest[linux/arm64]:only=arm64')
  })

  test.each(['linux/amd64', ''])(
    'of another platform are left to the build of that platform: %s',
    async (platforms) => {
      const repository = `texts/other-${place}${platforms.length}`
      const annotations = 'none\na=all\nmanifest[linux/amd64]:a=1\nmanifest[linux/arm64]:b=2'
      const result = await run({repository, own, inputs: {platforms, annotations, provenance: 'false'}})
      const reference = result.outputs.get('digest') ?? ''
      expect((await readManifest({registry, repository, reference})).annotations).toEqual({a: '1'})
    },
  )

  test.each([
    {name: 'publish', isStage: false},
    {name: 'stage', isStage: true},
  ])('of an index are left out of an image without one, with a notice: $name', async ({name, isStage}) => {
    const repository = `texts/single-${place}-${name}`
    const levels = {'annotation-levels': 'manifest,index', annotations: 'index-descriptor:only=x'}
    const inputs = {platforms: 'linux/amd64', provenance: 'false', ...levels}
    const result = await run({repository, own, isStage, inputs})
    const reference = result.outputs.get('digest') ?? ''
    expect((await readManifest({registry, repository, reference})).annotations).toMatchObject({
      [factKeys.revision]: sha,
    })
    expect(notices(result)).toContainEqual(expect.stringMatching(/^notice: Annotations for an index are left out/))
  })

  test.each([
    {name: 'one platform with provenance', inputs: {platforms: 'linux/amd64'}, hasIndex: true},
    {name: 'one platform without it', inputs: {platforms: 'linux/amd64', provenance: 'false'}, hasIndex: false},
    {name: 'the default platform', inputs: {}, hasIndex: true},
    {name: 'two platforms', inputs: {platforms: both, provenance: 'false'}, hasIndex: true},
  ])('are in the index, and in the manifests with labels: $name', async ({name, inputs, hasIndex}) => {
    const repository = `texts/source-${place}-${name.replaceAll(' ', '-')}`
    const result = await run({repository, own, inputs: {...inputs, annotations: 'mine=1'}})
    const expected = {[factKeys.revision]: sha, [factKeys.version]: '1.2.3', mine: '1', [sourceKey]: source}
    const published = {registry, repository, reference: '1.2.3'}
    const {annotations} = await (hasIndex ? readIndex : readManifest)(published)
    expect(annotations).toMatchObject(expected)
    expect(hasIndex).toBe('manifests' in (await readIndex(published)))
    for (const reference of Object.values(JSON.parse(result.outputs.get('digests') ?? '{}') as Given)) {
      const image = {registry, repository, reference}
      expect((await readManifest(image)).annotations).toMatchObject(expected)
      expect((await readConfig(image)).config.Labels).toMatchObject({[sourceKey]: source})
    }
    expect(notices(result)).toEqual([])
  })

  test('of an index do not reach a Docker archive of one platform, which has none', async () => {
    await using files = await workspaceOf({})
    const archive = path.join(files.directory, 'image.tar')
    const repository = `texts/archive-${place}`
    const inputs = {platforms: 'linux/amd64', outputs: `type=docker,dest=${archive}`}
    await run({repository, own, inputs})
    expect((await readdir(files.directory)).includes('image.tar')).toBe(true)
    const image = {registry, repository, reference: '1.2.3'}
    expect((await readIndex(image)).annotations).toBeUndefined()
  })

  test('without the standard ones, an image has the labels of its Dockerfile, and is still recognised', async () => {
    const repository = `texts/none-${place}`
    const inputs = {platforms: both, labels: 'none\nmine=1', annotations: 'none', 'build-args': 'VERSION={{version}}'}
    const result = await run({repository, own, inputs})
    const {config} = await configOf(repository, result)
    const labels = Object.entries(config.Labels ?? {}).filter(([key]) => !key.startsWith('io.github.tagboat.'))
    expect(Object.fromEntries(labels)).toEqual({built: '1.2.3', mine: '1', 'org.opencontainers.image.title': 'mine'})
    expect((await indexOf(repository, result)).annotations).toBeUndefined()
    const again = await run({repository, own, inputs, runId: '2', now: new Date('2027-01-02T03:04:05Z')})
    expect(again.outputs.get('digest')).toBe(result.outputs.get('digest'))
    expect(again.outputs.get('pushed')).toBe('false')
  })
})

test('SOURCE_DATE_EPOCH and provenance: false give the same digest in two runs', async () => {
  const digests: (string | undefined)[] = []
  for (const [index, now] of ['2026-01-02', '2027-06-07'].entries()) {
    const repository = `texts/epoch-${index}`
    const inputs = {platforms: both, provenance: 'false', 'no-cache': 'true', 'build-args': 'VERSION={{created}}'}
    const env = {SOURCE_DATE_EPOCH: '0'}
    const result = await run({repository, own: true, inputs, env, runId: `${index}`, now: new Date(now)})
    digests.push(result.outputs.get('digest'))
    const {config} = await configOf(repository, result)
    expect(config.Labels).toMatchObject({
      [factKeys.created]: '1970-01-01T00:00:00.000Z',
      built: '1970-01-01T00:00:00.000Z',
    })
  }
  expect(digests[0]).toMatch(/^sha256:/)
  expect(digests[1]).toBe(digests[0])
})
