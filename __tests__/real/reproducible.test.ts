import {utimes} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {factKeys} from '../../src/oci/image-facts.ts'
import {docker} from '../../testing/docker.ts'
import {readConfig, readIndex, readManifest} from '../../testing/image.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../../testing/remote-builder.ts'
import {runSource, type SourceResult} from '../../testing/source-run.ts'
import {shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const sha = 'a'.repeat(40)
const committed = '2020-02-03T05:06:07+01:00'
const epoch = '2020-02-03T04:06:07.000Z'
const platforms = 'linux/amd64,linux/arm64'

/** Files of the checkout, which are newer than the commit. */
const contents = {
  Dockerfile: [...shellDockerfile, 'COPY page /www/page', 'RUN mkdir /made && echo made > /made/here && rm /bin/wget'],
  page: 'a page\n',
}

/** Runs with the same commit, but different checkout, run, attempt, clock and cache. */
const runs = [
  {runId: '100', now: new Date('2026-01-02T03:04:05Z'), mtime: new Date('2026-01-02T03:00:00Z'), noCache: 'false'},
  {runId: '777', now: new Date('2027-06-07T08:09:10Z'), mtime: new Date('2027-06-07T08:00:00Z'), noCache: 'true'},
] as const

let registry: Registry
let remote: RemoteBuilder

beforeAll(async () => {
  ;[registry, remote] = await Promise.all([startRegistry(), startRemoteBuilder('again')])
})

afterAll(async () => {
  await remote[Symbol.asyncDispose]()
  await registry.stop()
})

async function checkout(mtime: Date): Promise<Workspace> {
  const workspace = await workspaceOf(contents)
  for (const name of Object.keys(contents)) await utimes(path.join(workspace.directory, name), mtime, mtime)
  return workspace
}

async function publishTwice(
  repository: (index: number) => string,
  inputs: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<readonly SourceResult[]> {
  const results: SourceResult[] = []
  for (const [index, {runId, now, mtime, noCache}] of runs.entries()) {
    await using workspace = await checkout(mtime)
    const push = {ref: 'refs/tags/v1.2.3', sha, date: committed, runId}
    const values = {
      images: `${registry.host}/${repository(index)}`,
      context: workspace.directory,
      'build-contexts': shellContext(),
      platforms,
      reproducible: 'true',
      'no-cache': noCache,
      labels: `built={{date 'YYYY-MM-DD HH:mm'}}`,
      ...inputs,
    }
    const variables = {...env, GITHUB_RUN_ATTEMPT: String(index + 1)}
    results.push(await runSource({push, now, inputs: values, env: variables}))
  }
  expect(results.map(({failure}) => failure?.evidence)).toEqual([undefined, undefined])
  return results
}

function digestsOf(results: readonly SourceResult[]): readonly (string | undefined)[] {
  return results.map(({outputs}) => outputs.get('digest'))
}

describe.each([
  {staging: 'a layout, by the engine', isRemote: false, requested: platforms},
  {staging: 'push by digest, by a remote BuildKit', isRemote: true, requested: platforms},
  {staging: 'a layout, of one platform', isRemote: false, requested: 'linux/amd64'},
])('two runs of one commit, staged by $staging', ({isRemote, requested}) => {
  const name = (index: number): string => `again/${isRemote ? 'remote' : 'engine'}-${requested.length}-${index}`
  let results: readonly SourceResult[]

  beforeAll(async () => {
    const builder: Readonly<Record<string, string>> = isRemote ? {builder: remote.name} : {}
    results = await publishTwice(
      name,
      {...builder, platforms: requested},
      isRemote ? {DOCKER_CONFIG: remote.config} : {},
    )
  })

  test('publish one digest', async () => {
    const [first, second] = digestsOf(results)
    expect(second).toBe(first)
    for (const index of runs.keys()) expect((await registry.manifest(name(index), '1.2.3'))?.digest).toBe(first)
  })

  test('contain the commit date, and no value of the run', async () => {
    const reference =
      Object.values(JSON.parse(results[1]?.outputs.get('digests') ?? '') as Record<string, string>)[0] ?? ''
    const location = {registry, repository: name(1), reference}
    const config = await readConfig(location)
    expect(config).toMatchObject({created: epoch.replace('.000', '')})
    expect(config.config.Labels).toMatchObject({
      [factKeys.created]: epoch,
      [factKeys.commitDate]: epoch,
      built: '2020-02-03 04:06',
    })
    const {annotations = {}} = await readManifest(location)
    const labels = config.config.Labels ?? {}
    expect([labels, annotations].filter((one) => factKeys.runId in one || factKeys.ref in one)).toEqual([])
    expect(annotations).toMatchObject({[factKeys.created]: epoch, [factKeys.commitDate]: epoch})
  })
})

test('a local build has the published digest in the engine', async () => {
  const image = `${registry.host}/again/local`
  try {
    const published = await publishTwice((index) => `again/published-${index}`)
    const [first, second] = digestsOf(await publishTwice(() => 'again/local', {push: 'false'}))
    expect([first, second]).toEqual(digestsOf(published))
    expect((await docker(['image', 'inspect', '--format', '{{.Id}}', `${image}:1.2.3`])).trim()).toBe(first)
  } finally {
    for (const tag of ['1.2.3', '1.2', '1', 'latest', 'sha-aaaaaaa']) {
      await docker(['image', 'rm', '--force', `${image}:${tag}`])
    }
  }
})

test('with provenance, the images of the platforms are equal, and the indexes differ', async () => {
  const results = await publishTwice((index) => `again/proven-${index}`, {provenance: 'mode=min'})
  const [first, second] = digestsOf(results)
  expect(second).not.toBe(first)
  const [one, other] = results.map(({outputs}) => outputs.get('digests'))
  expect(other).toBe(one)
  const {manifests} = await readIndex({registry, repository: 'again/proven-0', reference: first ?? ''})
  expect(manifests).toHaveLength(4)
  expect(results[0]?.log.filter((line) => line.startsWith('notice: reproducible: '))).toHaveLength(1)
})

test('SOURCE_DATE_EPOCH of the user is used', async () => {
  const [result] = await publishTwice((index) => `again/user-time-${index}`, {
    'build-args': 'SOURCE_DATE_EPOCH=1000000000',
    platforms: 'linux/amd64',
  })
  const location = {registry, repository: 'again/user-time-0', reference: result?.outputs.get('digest') ?? ''}
  expect(await readConfig(location)).toMatchObject({
    created: '2001-09-09T01:46:40Z',
    config: {Labels: {[factKeys.created]: '2001-09-09T01:46:40.000Z', [factKeys.commitDate]: epoch}},
  })
})
