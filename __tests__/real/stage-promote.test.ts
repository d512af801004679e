import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {docker} from '../../testing/docker.ts'
import {expectFailure} from '../../testing/failure.ts'
import {readEverything, readIndex} from '../../testing/image.ts'
import {childrenOf} from '../../testing/process-watch.ts'
import {stepOn} from '../../testing/pushes.ts'
import {changesOf, startRegistry, type Registry} from '../../testing/registry.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../../testing/remote-builder.ts'
import {errorsIn} from '../../testing/runner-log.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {publishTo, sampleDirectory, sampleInputs} from '../../testing/sample.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
const commit = 'a'.repeat(40)
const release = {ref: 'refs/tags/v1.2.3', sha: commit, runId: '100'}
const tagNames = ['1', '1.2', '1.2.3', 'latest', 'sha-aaaaaaa']
const bothPlatforms = 'linux/amd64,linux/arm64'

let registry: Registry
let other: Registry
let builder: RemoteBuilder
/** Empty folder for PATH and HOME of a machine without Docker. */
let nothing: string
/** Results of the stages of amd64 and arm64. */
let staged: readonly StepResult[]
let digests: readonly string[]

type Inputs = Readonly<Record<string, string>>

beforeAll(async () => {
  ;[registry, other, builder, nothing] = await Promise.all([
    startRegistry({login}),
    startRegistry(),
    startRemoteBuilder('faraway'),
    mkdtemp(path.join(tmpdir(), 'tagboat-nothing-')),
  ])
  staged = await Promise.all([stage({platforms: 'linux/amd64'}), stageRemotely({platforms: 'linux/arm64'})])
  digests = staged.map(({outputs}) => outputs.get('digest') ?? 'no digest')
})

afterAll(async () => {
  await builder[Symbol.asyncDispose]()
  await Promise.all([registry.stop(), other.stop(), rm(nothing, {recursive: true, force: true})])
})

async function stage(inputs: Inputs, {sha = commit, env = {}}: {sha?: string; env?: Inputs} = {}): Promise<StepResult> {
  await using step = await stepOn(
    {...release, sha},
    {
      action: 'stage',
      workspace: sampleDirectory,
      inputs: {...publishTo(registry.host, login), ...sampleInputs(), ...inputs},
      env,
    },
  )
  return await step.run()
}

/** Stages with a separate builder, as on another runner. */
async function stageRemotely(inputs: Inputs, sha?: string): Promise<StepResult> {
  const env = {DOCKER_CONFIG: builder.config}
  return stage({builder: 'faraway', ...inputs}, {env, ...(sha === undefined ? {} : {sha})})
}

interface Promoted extends StepResult {
  readonly children: readonly string[]
}

/** Promotes with an empty PATH and without an engine. */
async function promote(inputs: Inputs): Promise<Promoted> {
  const env = {PATH: nothing, DOCKER_HOST: `unix://${nothing}/docker.sock`, DOCKER_CONFIG: nothing}
  await using step = await stepOn(release, {
    action: 'promote',
    workspace: nothing,
    inputs: {...publishTo(registry.host, login), ...inputs},
    env,
  })
  const main = step.main()
  const {pid} = step
  if (pid === undefined) throw new Error('main was not started')
  const [result, children] = await Promise.all([main, childrenOf(pid)])
  expect((await step.post()).exitCode).toBe(0)
  return {...result, children}
}

async function promoted(inputs: Inputs): Promise<Promoted> {
  const result = await promote(inputs)
  expect(errorsIn(result.log)).toEqual([])
  expect(result.exitCode).toBe(0)
  return result
}

/** Outputs of a matrix as GitHub passes them, with a separate output per job. */
function jobOutputs(): string {
  return JSON.stringify(Object.fromEntries(digests.map((digest, index) => [`digest-${index}`, digest])))
}

async function headsOf(of: Registry, repository: string): Promise<Readonly<Record<string, string | undefined>>> {
  const tags = await of.tags(repository)
  const heads = await Promise.all(tags.map(async (tag) => [tag, (await of.manifest(repository, tag))?.digest] as const))
  return Object.fromEntries(heads)
}

function all(digest: string | undefined, suffix = ''): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(tagNames.map((tag) => [tag + suffix, digest]))
}

/** Requests that could have changed a registry. */
async function writesTo(of: Registry, repository: string): Promise<readonly string[]> {
  return changesOf(await of.requests(), repository).map(({method, path: where}) => `${method} ${where}`)
}

describe('a stage on each of two builders', () => {
  test('succeeds, and pushes by digest without tags', async () => {
    for (const {exitCode, log, outputs} of staged) {
      expect(errorsIn(log)).toEqual([])
      expect(exitCode).toBe(0)
      expect(outputs.get('pushed')).toBe('true')
      expect(outputs.get('image')).toBe(`${registry.host}/team/app@${outputs.get('digest') ?? ''}`)
      expect(outputs.has('moved-tags')).toBe(false)
    }
    const puts = (await writesTo(registry, 'team/app')).filter((line) => line.includes('/manifests/'))
    expect(puts.length).toBeGreaterThanOrEqual(2)
    expect(puts.filter((line) => !line.startsWith('PUT /v2/team/app/manifests/sha256:'))).toEqual([])
    expect(staged[1]?.log).toContain('Builder: faraway (remote)')
  })

  test('outputs its digest', () => {
    const platforms = staged.map(({outputs}) => Object.keys(JSON.parse(outputs.get('digests') ?? '{}') as object))
    expect(platforms).toEqual([['linux/amd64'], ['linux/arm64']])
    expect(new Set(digests).size).toBe(2)
  })
})

describe('the promote of both stages, without Docker', () => {
  let result: Promoted
  let digest: string

  beforeAll(async () => {
    result = await promoted({digests: jobOutputs(), platforms: bothPlatforms})
    digest = result.outputs.get('digest') ?? 'no digest'
  })

  test('starts no other program', () => {
    expect(result.children).toEqual([])
  })

  test('points every tag to one index', async () => {
    expect(await headsOf(registry, 'team/app')).toEqual(all(digest))
    expect(result.outputs.get('pushed')).toBe('true')
    expect(result.log).toMatch(
      new RegExp(`^Promoted ${registry.host}/team/app:1\\.2\\.3 with 5 tags .*: ${digest}$`, 'm'),
    )
    const moved = JSON.parse(result.outputs.get('moved-tags') ?? '') as readonly {tag: string; after: string}[]
    expect(moved.map(({tag}) => tag).sort()).toEqual(tagNames)
    expect(new Set(moved.map(({after}) => after))).toEqual(new Set([digest]))
  })

  test('creates an index with both platforms, their attestations and the commit', async () => {
    const {manifests, annotations} = await readIndex({registry, repository: 'team/app', reference: digest})
    expect(manifests.map(({platform}) => platform?.architecture)).toEqual(['amd64', 'arm64', 'unknown', 'unknown'])
    expect(annotations?.['org.opencontainers.image.revision']).toBe(commit)
    expect(JSON.parse(result.outputs.get('digests') ?? '')).toEqual({
      'linux/amd64': manifests[0]?.digest,
      'linux/arm64': manifests[1]?.digest,
    })
  })

  test.each([
    {platform: 'linux/amd64', machine: 'x86_64'},
    {platform: 'linux/arm64', machine: 'aarch64'},
  ])('creates an image that runs on $platform', async ({platform, machine}) => {
    const config = await mkdtemp(path.join(nothing, 'login-'))
    const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64')
    await writeFile(path.join(config, 'config.json'), JSON.stringify({auths: {[registry.host]: {auth}}}))
    const reference = `${registry.host}/team/app:1.2.3`
    try {
      await docker(['pull', '--quiet', '--platform', platform, reference], config)
      const command = ['/bin/busybox', 'sh', '-c', 'cat /www/proof.txt; /bin/busybox uname -m']
      const printed = await docker(['run', '--rm', '--platform', platform, reference, ...command], config)
      expect(printed).toBe(`version=1.2.3\nplatform=${platform}\nmachine=${machine}\n${machine}\n`)
    } finally {
      await docker(['image', 'rm', '--force', reference])
    }
  })

  test('changes nothing when it is repeated', async () => {
    const before = await writesTo(registry, 'team/app')
    const again = await promoted({digests: digests.join('\n'), platforms: bothPlatforms})
    expect(again.outputs.get('digest')).toBe(digest)
    expect(JSON.parse(again.outputs.get('moved-tags') ?? '')).toEqual([])
    const kept = JSON.parse(again.outputs.get('kept-tags') ?? '') as readonly {tag: string}[]
    expect(kept.map(({tag}) => tag).sort()).toEqual(tagNames)
    expect(await headsOf(registry, 'team/app')).toEqual(all(digest))
    const after = await writesTo(registry, 'team/app')
    expect(after.slice(before.length).filter((line) => line.includes('/manifests/') && !line.includes(digest))).toEqual(
      [],
    )
  })

  test('accepts the digests of several jobs, as in needs', async () => {
    const needs = Object.fromEntries(
      staged.map(({outputs}, index) => [`stage-${index}`, {result: 'success', outputs: Object.fromEntries(outputs)}]),
    )
    const again = await promoted({digests: JSON.stringify(needs), platforms: bothPlatforms})
    expect(again.outputs.get('digest')).toBe(digest)
  })
})

describe('the same release again', () => {
  const isBuilt = ({log}: StepResult): boolean => log.includes('docker buildx build')

  test('is built on no runner, and the promote keeps it', async () => {
    const before = await writesTo(registry, 'team/app')
    const [published] = Object.values(await headsOf(registry, 'team/app'))
    const again = await Promise.all([stage({platforms: 'linux/amd64'}), stageRemotely({platforms: 'linux/arm64'})])
    for (const result of again) {
      expect(errorsIn(result.log)).toEqual([])
      expect({built: isBuilt(result), digest: result.outputs.get('digest')}).toEqual({built: false, digest: published})
      expect(result.outputs.get('pushed')).toBe('false')
      expect(result.outputs.get('image')).toBe(`${registry.host}/team/app@${published ?? ''}`)
      expect(result.outputs.get('digest-file')).not.toBe('')
    }
    const outputs = JSON.stringify(again.map((result) => result.outputs.get('digest')))
    const {outputs: given} = await promoted({digests: outputs, platforms: bothPlatforms})
    expect(given.get('digest')).toBe(published)
    expect(await headsOf(registry, 'team/app')).toEqual(all(published))
    expect(await writesTo(registry, 'team/app')).toEqual(before)
  })

  test('of another commit fails on each runner before the build', async () => {
    const later = 'c'.repeat(40)
    const results = await Promise.all([
      stage({platforms: 'linux/amd64'}, {sha: later}),
      stageRemotely({platforms: 'linux/arm64'}, later),
    ])
    for (const result of results) {
      expectFailure(result, {code: 'tag-taken', values: [`${registry.host}/team/app:1.2.3`, commit, later]})
      expect(isBuilt(result)).toBe(false)
    }
  })

  test('gets the tags that it lacks, without a build', async () => {
    const images = `${registry.host}/team/partial`
    const first = await Promise.all([
      stage({images, platforms: 'linux/amd64'}),
      stageRemotely({images, platforms: 'linux/arm64'}),
    ])
    const listed = (results: readonly StepResult[]): string =>
      results.map((one) => one.outputs.get('digest')).join('\n')
    const {outputs} = await promoted({images, digests: listed(first), platforms: bothPlatforms, floating: 'never'})
    const digest = outputs.get('digest')
    expect(await headsOf(registry, 'team/partial')).toEqual({'1.2.3': digest, 'sha-aaaaaaa': digest})
    const again = await Promise.all([
      stage({images, platforms: 'linux/amd64'}),
      stageRemotely({images, platforms: 'linux/arm64'}),
    ])
    expect(again.map(isBuilt)).toEqual([false, false])
    await promoted({images, digests: listed(again), platforms: bothPlatforms})
    expect(await headsOf(registry, 'team/partial')).toEqual(all(digest))
  })
})

describe('a promote from a staging reference', () => {
  let digest: string

  beforeAll(async () => {
    const {outputs} = await promoted({
      images: `${registry.host}/team/staging`,
      digests: digests.map((one) => `${registry.host}/team/app@${one}`).join('\n'),
      environment: 'staging',
    })
    digest = outputs.get('digest') ?? 'no digest'
    expect(await headsOf(registry, 'team/staging')).toEqual(all(digest, '-staging'))
  })

  test('tags the same digest, with its attestations, in two registries', async () => {
    const {outputs} = await promoted({
      images: `${registry.host}/production/app\n${other.host}/production/copy`,
      from: `${registry.host}/team/staging:1.2.3-staging`,
      platforms: bothPlatforms,
    })
    expect(outputs.get('digest')).toBe(digest)
    expect(outputs.get('images')?.split('\n')).toEqual([
      `${registry.host}/production/app@${digest}`,
      `${other.host}/production/copy@${digest}`,
    ])
    const origin = await readEverything({registry, repository: 'team/staging', reference: digest})
    for (const [of, repository] of [
      [registry, 'production/app'],
      [other, 'production/copy'],
    ] as const) {
      expect(await headsOf(of, repository)).toEqual(all(digest))
      expect(await readEverything({registry: of, repository, reference: digest})).toBe(origin)
      const {manifests} = await readIndex({registry: of, repository, reference: digest})
      expect(manifests.map(({platform}) => platform?.architecture)).toEqual(['amd64', 'arm64', 'unknown', 'unknown'])
    }
  })
})

describe('a promote fails, and tags nothing', () => {
  const images = (): Inputs => ({images: `${registry.host}/refused/app`})

  test.each([
    {
      name: 'if a platform is missing, which the error names',
      inputs: (): Inputs => ({digests: `${registry.host}/team/app@${digests[0] ?? ''}`, platforms: bothPlatforms}),
      expected: {code: 'platforms-incomplete', values: ['linux/arm64', 'linux/amd64']},
    },
    {
      name: 'if one of the digests does not exist',
      inputs: (): Inputs => ({digests: JSON.stringify([`sha256:${'0'.repeat(64)}`])}),
      expected: {code: 'source-missing', values: [`sha256:${'0'.repeat(64)}`]},
    },
    {
      name: 'if the reference does not exist',
      inputs: (): Inputs => ({from: `${registry.host}/team/app:9.9.9`}),
      expected: {code: 'source-missing', values: ['team/app:9.9.9']},
    },
  ] as const)('$name', async ({inputs, expected}) => {
    expectFailure(await promote({...images(), ...inputs()}), expected)
    expect(await registry.tags('refused/app')).toEqual([])
  })

  test('if the stages have no outputs', async () => {
    const result = await promote({...images(), digests: '{}'})
    expect(errorsIn(result.log)).toEqual([expect.stringContaining('[source-missing]')])
    expect(result.exitCode).toBe(1)
  })

  test('if the stages are of different commits', async () => {
    const later = 'b'.repeat(40)
    const second = await stageRemotely({...images(), platforms: 'linux/arm64'}, later)
    const first = await stage({...images(), platforms: 'linux/amd64'})
    const mixed = [first, second].map(({outputs}) => outputs.get('digest')).join('\n')
    expectFailure(await promote({...images(), digests: mixed}), {code: 'sources-mixed', values: [commit, later]})
    expect(await registry.tags('refused/app')).toEqual([])
  })
})

describe('a stage', () => {
  test('with a failing test exits with code 1, without a tag', async () => {
    const images = `${registry.host}/failing/app`
    const result = await stage({images, platforms: 'linux/amd64', test: 'echo "Testing $IMAGE"\nfalse'})
    expectFailure(result, {code: 'test-failed', values: [`Testing ${images}@sha256:`, 'ended with code 1']})
    expect(await registry.tags('failing/app')).toEqual([])
    const puts = (await writesTo(registry, 'failing/app')).filter((line) => line.includes('/manifests/'))
    expect(puts.filter((line) => !line.includes('/manifests/sha256:'))).toEqual([])
  })

  test('of a pull request has no push and no promote', async () => {
    const images = `${registry.host}/proposed/app`
    const inputs = {...publishTo(registry.host, login), ...sampleInputs(), images}
    await using step = await Step.prepare({action: 'stage', event: 'pull-request', workspace: sampleDirectory, inputs})
    const {exitCode, outputs, log} = await step.run()
    expect({exitCode, errors: errorsIn(log)}).toEqual({exitCode: 0, errors: []})
    expect(outputs.get('pushed')).toBe('false')
    expect(outputs.get('image')).toBe('')
    await using next = await Step.prepare({
      action: 'promote',
      event: 'pull-request',
      workspace: nothing,
      inputs: {...publishTo(registry.host, login), images, digests: JSON.stringify({digest: outputs.get('digest')})},
    })
    const after = await next.run()
    expect({exitCode: after.exitCode, errors: errorsIn(after.log), pushed: after.outputs.get('pushed')}).toEqual({
      exitCode: 0,
      errors: [],
      pushed: 'false',
    })
    expect(await writesTo(registry, 'proposed/app')).toEqual([])
    expect(await registry.tags('proposed/app')).toEqual([])
  })
})
