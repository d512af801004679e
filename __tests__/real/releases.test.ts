import {readFile} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {formatReason} from '../../src/reasons/reason.ts'
import {takenTexts} from '../../src/reasons/taken-reasons.ts'
import {stepOn, type Push} from '../../testing/pushes.ts'
import {changesOf, startRegistry, type Registry} from '../../testing/registry.ts'
import {registryError, startRelay} from '../../testing/relay.ts'
import {expectFailure} from '../../testing/failure.ts'
import {executedCommands} from '../../testing/runner-log.ts'
import type {StepResult} from '../../testing/runner.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../../testing/remote-builder.ts'
import {publishTo} from '../../testing/sample.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
let registry: Registry
let workspace: Workspace
let remote: RemoteBuilder

beforeAll(async () => {
  ;[registry, workspace, remote] = await Promise.all([
    startRegistry({login}),
    workspaceOf({Dockerfile: plainDockerfile}),
    startRemoteBuilder('releases'),
  ])
})

afterAll(async () => {
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose](), remote[Symbol.asyncDispose]()])
})

const first = 'a'.repeat(40)
const second = 'b'.repeat(40)

function release(version: string, sha: string, runId = '100'): Push {
  return {ref: `refs/tags/v${version}`, sha, runId}
}

interface Options {
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly token?: string
}

async function publish(repository: string, push: Push, {inputs, ...options}: Options = {}): Promise<StepResult> {
  await using step = await stepOn(push, {
    workspace: workspace.directory,
    inputs: {...publishTo(registry.host, login), images: `${registry.host}/${repository}`, ...inputs},
    ...options,
  })
  return await step.run()
}

/** Publishes successfully, and returns the digest. */
async function published(repository: string, push: Push, options: Options = {}): Promise<string> {
  const {exitCode, outputs, log} = await publish(repository, push, options)
  expect({exitCode, log}).toEqual({exitCode: 0, log: expect.stringContaining('Published')})
  return outputs.get('digest') ?? 'no digest'
}

async function headsOf(repository: string): Promise<Readonly<Record<string, string | undefined>>> {
  const tags = await registry.tags(repository)
  const heads = await Promise.all(
    tags.map(async (tag) => [tag, (await registry.manifest(repository, tag))?.digest] as const),
  )
  return Object.fromEntries(heads)
}

function notices({log}: StepResult): readonly string[] {
  return executedCommands(log).flatMap(({name, message}) => (name === 'notice' ? [message] : []))
}

function hasBuilt({log}: StepResult): boolean {
  return log.includes('::group::docker buildx build')
}

/** Number of requests that could have changed the repository. */
async function writesTo(repository: string): Promise<number> {
  return changesOf(await registry.requests(), repository).length
}

describe('a version that exists', () => {
  test('of another commit is refused before the build', async () => {
    const repository = 'exists/taken'
    const digest = await published(repository, release('1.2.3', first))
    const before = {heads: await headsOf(repository), writes: await writesTo(repository)}
    const result = await publish(repository, release('1.2.3', second))
    expectFailure(result, {
      code: 'tag-taken',
      values: [
        `${repository}:1.2.3 points to ${digest}, created 20`,
        `revision ${first}`,
        `this run publishes revision ${second}`,
      ],
    })
    expect(hasBuilt(result)).toBe(false)
    expect({heads: await headsOf(repository), writes: await writesTo(repository)}).toEqual(before)
  })

  test.each([
    {ifExists: 'skip', replaced: false, built: false},
    {ifExists: 'overwrite', replaced: true, built: true},
  ])('of another commit, if-exists: $ifExists', async ({ifExists, replaced, built}) => {
    const repository = `exists/other-${ifExists}`
    const digest = await published(repository, release('1.2.3', first))
    const result = await publish(repository, release('1.2.3', second), {inputs: {'if-exists': ifExists}})
    expect(result.exitCode).toBe(0)
    expect(hasBuilt(result)).toBe(built)
    const heads = await headsOf(repository)
    expect(heads['1.2.3'] === digest).toBe(!replaced)
    expect(new Set([heads['1.2'], heads['1'], heads['latest']])).toEqual(new Set([heads['1.2.3']]))
    expect(heads['sha-aaaaaaa']).toBe(digest)
    expect(heads['sha-bbbbbbb']).not.toBe(digest)
  })

  test('of this commit, if-exists: fail, is an error before the build', async () => {
    const repository = 'exists/fail'
    const digest = await published(repository, release('1.2.3', first))
    const result = await publish(repository, release('1.2.3', first), {inputs: {'if-exists': 'fail'}})
    expectFailure(result, {code: 'tag-exists', values: [`${repository}:1.2.3 points to ${digest}`]})
    expect(hasBuilt(result)).toBe(false)
  })

  test('of this commit receives missing floating tags only', async () => {
    const repository = 'exists/repaired'
    const digest = await published(repository, release('1.2.3', first), {inputs: {floating: 'never'}})
    expect(Object.keys(await headsOf(repository)).sort()).toEqual(['1.2.3', 'sha-aaaaaaa'])
    const result = await publish(repository, release('1.2.3', first, '101'))
    expect(result.exitCode).toBe(0)
    expect(hasBuilt(result)).toBe(false)
    expect(result.outputs.get('digest')).toBe(digest)
    expect(result.outputs.get('pushed')).toBe('true')
    const moved = JSON.parse(result.outputs.get('moved-tags') ?? '') as readonly {tag: string}[]
    expect(moved.map(({tag}) => tag)).toEqual(['1.2', '1', 'latest'])
    const names = ['1.2.3', 'sha-aaaaaaa', '1.2', '1', 'latest']
    expect(await headsOf(repository)).toEqual(Object.fromEntries(names.map((name) => [name, digest])))
  })

  test('in one of two repositories is copied to the other with its digest', async () => {
    await using other = await startRegistry()
    const digest = await published('exists/one', release('1.2.3', first))
    const result = await publish('exists/one', release('1.2.3', first), {
      inputs: {images: `${registry.host}/exists/one\n${other.host}/exists/two`},
    })
    expect(result.exitCode).toBe(0)
    expect(hasBuilt(result)).toBe(false)
    expect(result.outputs.get('digest')).toBe(digest)
    for (const tag of ['1.2.3', '1.2', '1', 'latest', 'sha-aaaaaaa']) {
      expect((await other.manifest('exists/two', tag))?.digest).toBe(digest)
    }
  })
})

describe('an older release', () => {
  const repository = 'older/kept'
  let newer: string
  let older: string
  let result: StepResult

  beforeAll(async () => {
    newer = await published(repository, release('1.2.3', second))
    result = await publish(repository, release('1.2.2', first, '101'))
    older = result.outputs.get('digest') ?? ''
  })

  test('gets its exact tag, and moves no floating tag', async () => {
    expect(result.exitCode).toBe(0)
    expect(older).not.toBe(newer)
    expect(await headsOf(repository)).toEqual({
      '1.2.3': newer,
      'sha-bbbbbbb': newer,
      '1.2.2': older,
      'sha-aaaaaaa': older,
      '1.2': newer,
      '1': newer,
      latest: newer,
    })
  })

  test('has a notice with the reason for each', () => {
    expect(notices(result)).toEqual(
      ['1.2', '1', 'latest'].map((tag) =>
        expect.stringContaining(`${registry.host}/${repository}:${tag} stays at 1.2.3 (${newer.slice(0, 19)}): `),
      ),
    )
  })

  test('is in the outputs and the summary', () => {
    const higher = formatReason({code: 'higher-version', higher: '1.2.3', version: '1.2.2'})
    const kept = JSON.parse(result.outputs.get('kept-tags') ?? '') as readonly object[]
    expect(kept).toEqual(
      ['1.2', '1', 'latest'].map((tag) =>
        expect.objectContaining({tag, before: newer, after: newer, code: 'higher-version', reason: higher}),
      ),
    )
    const moved = JSON.parse(result.outputs.get('moved-tags') ?? '') as readonly object[]
    expect(moved).toEqual(
      ['1.2.2', 'sha-aaaaaaa'].map((tag) => expect.objectContaining({tag, before: null, after: older})),
    )
    expect(result.summary).toMatch(/^\| `latest` \| \S+\skept\sat\s`1\.2\.3` \|$/m)
    expect(result.summary).toContain(` | ${higher} |`)
    expect(result.log).toMatch(new RegExp(`^Published .* with 2 tags \\(3 kept\\) .*: ${older}$`, 'm'))
  })

  test('with on-stale: fail is an error before the build', async () => {
    const before = await headsOf(repository)
    const stale = await publish(repository, release('1.2.1', 'c'.repeat(40)), {inputs: {'on-stale': 'fail'}})
    expectFailure(stale, {
      code: 'tag-stale',
      values: [`${repository}:latest`, formatReason({code: 'higher-version', higher: '1.2.3', version: '1.2.1'})],
    })
    expect(hasBuilt(stale)).toBe(false)
    expect(await headsOf(repository)).toEqual(before)
  })

  test('with on-stale: overwrite moves the tags backwards, with a notice', async () => {
    const going = await publish(repository, release('1.2.0', 'd'.repeat(40)), {inputs: {'on-stale': 'overwrite'}})
    expect(going.exitCode).toBe(0)
    const {latest, '1.2.3': kept} = await headsOf(repository)
    expect(latest).toBe(going.outputs.get('digest'))
    expect(kept).toBe(newer)
    expect(JSON.parse(going.outputs.get('moved-tags') ?? '')).toContainEqual(
      expect.objectContaining({tag: 'latest', code: 'on-stale-overwrite'}),
    )
    expect(notices(going)).toContainEqual(expect.stringContaining(`${repository}:latest was moved from `))
  })
})

describe('an older minor release', () => {
  test('moves only the tags of its version line', async () => {
    const repository = 'older/lines'
    const two = await published(repository, release('2.0.0', first))
    const one = await published(repository, release('1.9.1', second))
    expect(await headsOf(repository)).toMatchObject({'2.0': two, '2': two, latest: two, '1.9': one, '1': one})
  })
})

describe('a push of a branch', () => {
  const branch = 'refs/heads/master'
  const newest: Push = {ref: branch, sha: second, date: '2024-05-02T10:00:00Z', runId: '100'}
  const oldest: Push = {ref: branch, sha: first, date: '2024-05-01T10:00:00Z', runId: '101'}
  const inputs = {tags: 'type=ref,event=branch\ntype=sha'}

  test('of an older commit does not move the tag, by its date', async () => {
    const repository = 'branch/dates'
    const digest = await published(repository, newest, {inputs})
    const result = await publish(repository, oldest, {inputs})
    expect(result.exitCode).toBe(0)
    const heads = await headsOf(repository)
    expect(heads['master']).toBe(digest)
    expect(heads['sha-aaaaaaa']).toBe(result.outputs.get('digest'))
    expect(notices(result)).toEqual([expect.stringMatching(/:master stays at sha256:\w+: .*2024-05-01.*2024-05-02/)])
  })

  test('of newer commits is tagged', async () => {
    const repository = 'branch/newer'
    await published(repository, oldest, {inputs})
    const digest = await published(repository, newest, {inputs})
    expect((await headsOf(repository))['master']).toBe(digest)
  })

  test('without dates compares the runs', async () => {
    const repository = 'branch/runs'
    const digest = await published(repository, {...oldest, date: undefined}, {inputs})
    const result = await publish(repository, {...newest, date: undefined}, {inputs})
    expect(result.exitCode).toBe(0)
    expect((await headsOf(repository))['master']).toBe(digest)
    const reason = formatReason({code: 'run-order', run: '100', otherRun: '101', isLater: false})
    expect(notices(result)).toEqual([expect.stringContaining(reason)])
  })

  test.each([
    {status: 'ahead', moves: true},
    {status: 'behind', moves: false},
  ])('compares by the history of GitHub instead of the dates: $status', async ({status, moves}) => {
    const repository = `branch/${status}`
    const [before, after] = moves ? [newest, oldest] : [oldest, newest]
    const digest = await published(repository, before, {inputs})
    await using api = await startRelay(undefined, () => ({
      status: 200,
      headers: {'content-type': 'application/json'},
      body: JSON.stringify({status}),
    }))
    const result = await publish(repository, after, {
      inputs,
      env: {GITHUB_API_URL: `http://${api.host}`},
      token: 'token-of-the-job',
    })
    expect(result.exitCode).toBe(0)
    expect((await headsOf(repository))['master']).toBe(moves ? result.outputs.get('digest') : digest)
    expect(api.requests.map(({path}) => path.replace(/\?.*$/, ''))).toContain(
      `/repos/Codertocat/Hello-World/compare/${before.sha}...${after.sha}`,
    )
  })

  test('compares the dates if GitHub does not answer, with a notice', async () => {
    const repository = 'branch/unanswered'
    const digest = await published(repository, newest, {inputs})
    await using api = await startRelay(undefined, () => ({status: 404, body: '{}'}))
    const result = await publish(repository, oldest, {
      inputs,
      env: {GITHUB_API_URL: `http://${api.host}`},
      token: 'token-of-the-job',
    })
    expect(result.exitCode).toBe(0)
    expect((await headsOf(repository))['master']).toBe(digest)
    expect(result.log).toMatch(
      /^GitHub did not compare bbbbbbbbbbbb with aaaaaaaaaaaa \(.*\): their dates are compared instead$/m,
    )
  })
})

describe('a registry that does not list tags', () => {
  test('gets only the exact tags, with a warning that contains the remedy', async () => {
    const repository = 'unlisted/app'
    await using relay = await startRelay(registry.host, ({path}) =>
      path.includes('/tags/list') ? registryError(403, 'DENIED', 'you may not list') : undefined,
    )
    const result = await publish(repository, release('1.2.3', first), {
      inputs: {...publishTo(relay.host, login), images: `${relay.host}/${repository}`},
    })
    expect(result.exitCode).toBe(0)
    expect(Object.keys(await headsOf(repository)).sort()).toEqual(['1.2.3', 'sha-aaaaaaa'])
    const warnings = executedCommands(result.log).filter(({name}) => name === 'warning')
    expect(warnings.map(({message}) => message)).toEqual(
      ['1.2', '1', 'latest'].map(() => expect.stringMatching(/is not created: .*floating: always/)),
    )
  })
})

describe('the gate', () => {
  test('changes no tag if `test` fails', async () => {
    const repository = 'gate/fails'
    const digest = await published(repository, release('1.2.2', first))
    const before = await headsOf(repository)
    const test = 'echo "looking at $IMAGE"\nfalse\necho unreached'
    const result = await publish(repository, release('1.2.3', second), {inputs: {test}})
    expectFailure(result, {
      code: 'test-failed',
      values: [`looking at ${registry.host}/${repository}@sha256:`, 'ended with code 1'],
    })
    expect(result.log).not.toContain('unreached')
    expect(await headsOf(repository)).toEqual(before)
    expect(before['latest']).toBe(digest)
  })

  test('runs `test` with the image by digest, and the login to pull it', async () => {
    const repository = 'gate/passes'
    const script = [
      'docker buildx imagetools inspect "$IMAGE" >/dev/null && echo "found $IMAGE"',
      'echo "arm $IMAGE_LINUX_ARM64"',
      `docker buildx imagetools inspect ${registry.host}/${repository}:1.2.3 2>&1 || echo untagged`,
    ].join('\n')
    const result = await publish(repository, release('1.2.3', first), {
      inputs: {test: script, platforms: 'linux/amd64,linux/arm64'},
    })
    expect(result.exitCode).toBe(0)
    const digests = JSON.parse(result.outputs.get('digests') ?? '') as Readonly<Record<string, string>>
    const name = `${registry.host}/${repository}`
    expect(result.log).toContain(`found ${name}@${result.outputs.get('digest') ?? ''}\n`)
    expect(result.log).toContain(`arm ${name}@${digests['linux/arm64'] ?? ''}\n`)
    expect(result.log).toMatch(/^untagged$/m)
  })
})

/** Builders. That of the engine exports a layout, and the other pushes by digest. */
const builders = [{builder: 'of the engine'}, {builder: 'with a remote BuildKit'}] as const

function onBuilder(builder: (typeof builders)[number]['builder']): Required<Pick<Options, 'inputs' | 'env'>> {
  if (builder === 'of the engine') return {inputs: {}, env: {}}
  return {inputs: {builder: remote.name}, env: {DOCKER_CONFIG: remote.config}}
}

/** Remedy for images that share an exact tag. */
const sharedTag = takenTexts({code: 'build-definition'}).remedy ?? ''

describe('two steps of one commit', () => {
  const stages = ['FROM scratch AS rootless', 'COPY a /a', 'FROM scratch AS standard', 'COPY b /b']
  const files = {Dockerfile: stages, 'Dockerfile.alpine': ['FROM scratch', 'COPY a /a'], a: 'a', b: 'b'}

  async function both(
    repository: string,
    [one, two]: readonly [Readonly<Record<string, string>>, Readonly<Record<string, string>>],
    {push = release('1.2.3', first), env = {}}: {readonly push?: Push; readonly env?: Options['env']} = {},
  ): Promise<{readonly digest: string | undefined; readonly heads: object; readonly second: StepResult}> {
    await using checkout = await workspaceOf(files)
    const run = async (inputs: Readonly<Record<string, string>>): Promise<StepResult> => {
      const values = {...publishTo(registry.host, login), images: `${registry.host}/${repository}`, ...inputs}
      await using step = await stepOn(push, {workspace: checkout.directory, inputs: values, env})
      return await step.run()
    }
    const made = await run(one)
    expect({exitCode: made.exitCode, log: made.log}).toEqual({exitCode: 0, log: expect.stringContaining('Published')})
    const heads = await headsOf(repository)
    return {digest: made.outputs.get('digest'), heads, second: await run(two)}
  }

  const rules = (suffix: string, more = ''): string =>
    `type=semver,pattern=v{{version}}\ntype=semver,pattern=v{{version}},suffix=${more}\ntype=raw,value=stable${suffix}`

  test('that share an exact tag: the second reports both images, and publishes nothing', async () => {
    const repository = 'steps/targets'
    const {digest, heads, second} = await both(repository, [
      {target: 'rootless', flavor: 'latest=false\nsuffix=-alpine-rootless', tags: rules('-rootless')},
      {target: 'standard', flavor: 'latest=false\nsuffix=-alpine', tags: rules('')},
    ])
    expectFailure(second, {
      code: 'tag-taken',
      values: [
        `${repository}:v1.2.3 points to ${digest ?? ''}`,
        'built for v1.2.3, v1.2.3-alpine-rootless, built from target rootless',
        'built for v1.2.3, v1.2.3-alpine, built from target standard',
      ],
      remedy: sharedTag,
    })
    expect(hasBuilt(second)).toBe(false)
    expect(await headsOf(repository)).toEqual(heads)
  })

  test('with two files that share the tag of a pre-release', async () => {
    const repository = 'steps/files'
    const push = release('2.0.0-rc.1', first)
    const values = (suffix: string): Readonly<Record<string, string>> => ({
      flavor: 'latest=false',
      tags: `type=semver,pattern=v{{version}}${suffix}\ntype=raw,value=2.0.0-rc.1`,
    })
    const {heads, second} = await both(
      repository,
      [{...values('-alpine'), file: 'Dockerfile.alpine'}, {...values('')}],
      {
        push,
      },
    )
    expectFailure(second, {
      code: 'tag-taken',
      values: [`${repository}:2.0.0-rc.1 points to`, 'file Dockerfile.alpine', 'file Dockerfile'],
      remedy: sharedTag,
    })
    expect(await headsOf(repository)).toEqual(heads)
  })

  test('that share an exact tag, with if-exists: skip: the second builds for its own tags', async () => {
    const repository = 'steps/skip'
    const {digest, second} = await both(repository, [
      {target: 'rootless', flavor: 'latest=false\nsuffix=-rootless', tags: rules('-rootless')},
      {target: 'standard', flavor: 'latest=false\nsuffix=-x', tags: rules(''), 'if-exists': 'skip'},
    ])
    expect(second.exitCode).toBe(0)
    const heads = await headsOf(repository)
    expect(heads).toMatchObject({'v1.2.3': digest, 'v1.2.3-rootless': digest})
    expect(heads['v1.2.3-x']).toBe(second.outputs.get('digest'))
    expect(heads['v1.2.3-x']).not.toBe(digest)
  })

  test.each(builders)('with the same image: the second builds nothing, builder $builder', async ({builder}) => {
    const {inputs, env} = onBuilder(builder)
    const repository = `steps/same-${'builder' in inputs ? 'remote' : 'engine'}`
    const values = {...inputs, target: 'standard', 'build-args': 'A=1', platforms: 'linux/amd64'}
    const {digest, heads, second} = await both(repository, [values, values], {env})
    expect({exitCode: second.exitCode, digest: second.outputs.get('digest'), hasBuilt: hasBuilt(second)}).toEqual({
      exitCode: 0,
      digest,
      hasBuilt: false,
    })
    expect(await headsOf(repository)).toEqual(heads)
  })
})

describe('a release that is published again', () => {
  test('exports the requested files and cache, and keeps the digest', async () => {
    const repository = 'again/outputs'
    await using checkout = await workspaceOf({Dockerfile: plainDockerfile})
    const {inputs, env} = onBuilder('with a remote BuildKit')
    const run = async (directory: string): Promise<StepResult> => {
      const fileIn = (name: string): string => path.join(checkout.directory, directory, name)
      const values = {
        ...publishTo(registry.host, login),
        ...inputs,
        images: `${registry.host}/${repository}`,
        outputs: `type=local,dest=${fileIn('files')}`,
        'cache-to': `type=local,dest=${fileIn('cache')}`,
      }
      await using step = await stepOn(release('1.2.3', first), {workspace: checkout.directory, inputs: values, env})
      const result = await step.run()
      expect({exitCode: result.exitCode, log: result.log}).toEqual({exitCode: 0, log: expect.any(String)})
      expect(await readFile(path.join(fileIn('files'), 'Dockerfile'), 'utf8')).toContain('FROM scratch')
      expect(await readFile(path.join(fileIn('cache'), 'index.json'), 'utf8')).toContain('manifests')
      return result
    }
    const made = await run('one')
    const before = {heads: await headsOf(repository), writes: await writesTo(repository)}
    const again = await run('two')
    expect({heads: await headsOf(repository), writes: await writesTo(repository)}).toEqual(before)
    expect(again.outputs.get('digest')).toBe(made.outputs.get('digest'))
    expect(again.summary).toContain('only `outputs` and `cache-to` were built')
  })

  const provenances = builders.flatMap((one) => ['true', 'false'].map((provenance) => ({...one, provenance})))

  test.each(provenances)(
    'has the same outputs as the build: builder $builder, provenance $provenance',
    async ({builder, provenance}) => {
      const {inputs, env} = onBuilder(builder)
      const repository = `again/outputs-${'builder' in inputs ? 'remote' : 'engine'}-${provenance}`
      const options = {inputs: {...inputs, provenance}, env}
      const made = await publish(repository, release('1.2.3', first), options)
      const again = await publish(repository, release('1.2.3', first), options)
      expect(made.exitCode).toBe(0)
      expect(again.exitCode).toBe(0)
      expect(hasBuilt(again)).toBe(false)
      const facts = ({outputs}: StepResult): unknown => {
        const metadata = JSON.parse(outputs.get('metadata') ?? '{}') as Readonly<Record<string, unknown>>
        return [outputs.get('imageid'), metadata['containerimage.digest'], metadata['containerimage.config.digest']]
      }
      expect(facts(again)).toEqual(facts(made))
    },
  )
})
