import {generateKeyPairSync} from 'node:crypto'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {registryError, startRelay, type RelayedRequest} from '../../testing/relay.ts'
import {startRemoteBuilder} from '../../testing/remote-builder.ts'
import {Step, type StepOptions, type StepResult} from '../../testing/runner.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const tagNames = ['1', '1.2', '1.2.3', 'latest', 'sha-6113728']
const login = {username: 'robot', password: 'a-fair-wind'}
const mirrorLogin = {username: 'mirror', password: 'an-other-wind'}
let registry: Registry
let mirror: Registry
let workspace: Workspace

beforeAll(async () => {
  ;[registry, mirror, workspace] = await Promise.all([
    startRegistry({login}),
    startRegistry({login: mirrorLogin}),
    workspaceOf({Dockerfile: plainDockerfile}),
  ])
})

afterAll(async () => {
  await Promise.all([registry.stop(), mirror.stop(), workspace[Symbol.asyncDispose]()])
})

interface Run extends Pick<StepOptions, 'action' | 'env'> {
  readonly repository: string
  readonly mirrorHost?: string
  readonly mirrorPassword?: string
  readonly inputs?: Readonly<Record<string, string>>
}

async function run({repository, mirrorHost = mirror.host, ...given}: Run): Promise<StepResult> {
  const {inputs, mirrorPassword = mirrorLogin.password, ...options} = given
  const logins = [
    {registry: registry.host, ...login},
    {registry: mirrorHost, ...mirrorLogin, password: mirrorPassword},
  ]
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    ...options,
    inputs: {
      'registry-auth': JSON.stringify(logins),
      images: `${registry.host}/${repository}\nname=${mirrorHost}/${repository},required=false`,
      ...inputs,
    },
  })
  return await step.run()
}

/** Tags of the image, without those of its signatures. */
async function tagsOf(one: Registry, repository: string): Promise<readonly string[]> {
  return (await one.tags(repository)).filter((tag) => !tag.startsWith('sha256-')).sort()
}

/** Warnings of the log that name the mirror. */
function warnings({log}: StepResult): readonly string[] {
  return log.match(/^::warning.*$/gm) ?? []
}

/** Expects that the required registry has everything, and that the outputs name only that. */
async function expectRequired(result: StepResult, repository: string): Promise<void> {
  if (result.exitCode !== 0) throw new Error(result.log)
  const {outputs} = result
  expect(await tagsOf(registry, repository)).toEqual(tagNames)
  expect(outputs.get('images')).toBe(`${registry.host}/${repository}@${outputs.get('digest') ?? ''}`)
  expect(outputs.get('tags')?.split('\n')).toHaveLength(5)
  expect(result.log).toMatch(/^(?:Published|Promoted) .* with 5 tags/m)
}

describe('a registry that is not required', () => {
  test('gets the same digest under all tags, with the docker driver', async () => {
    const {exitCode, outputs} = await run({repository: 'be/both'})
    expect(exitCode).toBe(0)
    const manifests = await Promise.all(tagNames.map(async (tag) => mirror.manifest('be/both', tag)))
    expect(manifests.map((found) => found?.digest)).toEqual(tagNames.map(() => outputs.get('digest')))
    expect(outputs.get('tags')?.split('\n')).toHaveLength(10)
  })

  test('may be stopped, and the next run with it completes it without a build', async () => {
    const other = await startRegistry({login: mirrorLogin})
    const port = Number(other.host.split(':').at(-1))
    await other.stop()
    const stopped = await run({repository: 'be/stopped', mirrorHost: other.host})
    await expectRequired(stopped, 'be/stopped')
    expect(warnings(stopped).join('\n')).toContain('[registry-unreachable]')
    expect(stopped.summary).toContain(`${other.host}/be/stopped`)

    await using again = await startRegistry({login: mirrorLogin, port})
    const healed = await run({repository: 'be/stopped', mirrorHost: again.host})
    expect(healed.exitCode).toBe(0)
    expect(await tagsOf(again, 'be/stopped')).toEqual(tagNames)
    expect(healed.log).not.toContain('::group::docker buildx build')
    expect((await again.manifest('be/stopped', 'latest'))?.digest).toBe(healed.outputs.get('digest'))
    expect(warnings(healed)).toEqual([])
  })

  test('may refuse the password', async () => {
    const refused = await run({repository: 'be/password', mirrorPassword: 'a-wrong-wind'})
    await expectRequired(refused, 'be/password')
    expect(await tagsOf(mirror, 'be/password')).toEqual([])
    expect(warnings(refused)).toEqual([expect.stringContaining('[login-refused]')])
    expect(refused.log).toMatch(/^Published .* with 5 tags \(not at \S+\/be\/password\) /m)
    expect(refused.summary.split('\n')[0]).toMatch(/, but not at `\S+\/be\/password`$/)
    expect(refused.log).not.toContain('ECONNRESET')
    expect(refused.log.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain('a-wrong-wind')
  })

  test('may refuse the login of a build that may read from it', async () => {
    const inputs = {'build-args': `BASE=${mirror.host}/base`}
    const refused = await run({repository: 'be/login', mirrorPassword: 'a-wrong-wind', inputs})
    await expectRequired(refused, 'be/login')
    expect(warnings(refused).join('\n')).toContain('[login-refused]')
  })

  test('may fail in the middle of its tags, with a remote builder', async () => {
    await using builder = await startRemoteBuilder('best-effort')
    await using relay = await startRelay(mirror.host, ({method, path}) =>
      method === 'PUT' && path.endsWith('/manifests/latest') ? registryError(503, 'UNAVAILABLE', 'a fault') : undefined,
    )
    const failed = await run({
      repository: 'be/middle',
      mirrorHost: relay.host,
      inputs: {builder: builder.name},
      env: {DOCKER_CONFIG: builder.config},
    })
    await expectRequired(failed, 'be/middle')
    expect(await tagsOf(mirror, 'be/middle')).not.toContain('latest')
    expect(warnings(failed).join('\n')).toContain('[registry-failed]')
    const attempts = relay.requests.filter(({method, path}) => method === 'PUT' && path.endsWith('/manifests/latest'))
    expect(attempts).toHaveLength(3)
    expect(relay.requests.some(({headers}) => headers['user-agent']?.startsWith('buildkit') === true)).toBe(false)

    const healed = await run({repository: 'be/middle'})
    expect(healed.exitCode).toBe(0)
    expect(await tagsOf(mirror, 'be/middle')).toEqual(tagNames)
  })

  test.each([
    {name: 'refuses', answer: registryError(403, 'DENIED', 'no tags that begin with sha256-'), code: 'push-denied'},
    {name: 'fails at', answer: registryError(500, 'UNKNOWN', 'a fault'), code: 'registry-failed'},
    // One attempt, since each waits until the time limit of a request.
    {name: 'never answers', answer: undefined, code: 'registry-unreachable', retries: '0'},
  ])('that $name a signature is not complete, and the release is', async ({name, answer, code, retries = '3'}) => {
    const repository = `be/signed-${name.replaceAll(' ', '-')}`
    const key = generateKeyPairSync('ec', {namedCurve: 'prime256v1'}).privateKey
    const inputs = {retries, sign: 'key', 'sign-key': String(key.export({format: 'pem', type: 'pkcs8'}))}
    const {promise: answered, resolve: end} = Promise.withResolvers<undefined>()
    const isSignature = ({method, path}: RelayedRequest): boolean =>
      method === 'PUT' && /\/manifests\/sha256-\w+\.sig$/.test(path)
    {
      await using relay = await startRelay(mirror.host, async (request) =>
        isSignature(request) ? (answer ?? answered) : undefined,
      )
      const result = await run({repository, mirrorHost: relay.host, inputs})
      end(undefined)
      await expectRequired(result, repository)
      expect(warnings(result)).toEqual([expect.stringContaining(`[${code}]`)])
      expect(warnings(result)[0]).toContain(`${relay.host}/${repository} is not complete`)
      expect(await tagsOf(mirror, repository)).toEqual([])
      const rows = (result.log.match(/^failed .*$/gm) ?? []).filter((line) =>
        line.includes(`${relay.host}/${repository}:`),
      )
      expect(rows).toHaveLength(tagNames.length)
      const signed = JSON.parse(result.outputs.get('signatures') ?? '') as readonly {readonly repository: string}[]
      expect([...new Set(signed.map((one) => one.repository))]).toEqual([`${registry.host}/${repository}`])
      expect(relay.requests.some(isSignature)).toBe(true)
    }
    const healed = await run({repository, inputs})
    expect({exitCode: healed.exitCode, warnings: warnings(healed)}).toEqual({exitCode: 0, warnings: []})
    const digest = healed.outputs.get('digest') ?? ''
    expect(await tagsOf(mirror, repository)).toEqual(tagNames)
    expect(await mirror.manifest(repository, `${digest.replace(':', '-')}.sig`)).toBeDefined()
    expect((await mirror.manifest(repository, 'latest'))?.digest).toBe(digest)
  })

  test('gets what a promote tags, and may be stopped then', async () => {
    const staged = await run({repository: 'be/promote', action: 'stage'})
    expect(staged.exitCode).toBe(0)
    const digests = staged.outputs.get('digest') ?? ''
    const promotion = {repository: 'be/promote', action: 'promote', inputs: {digests}} as const
    const failed = await run({...promotion, mirrorHost: '127.0.0.1:1'})
    await expectRequired(failed, 'be/promote')
    const done = await run(promotion)
    expect(done.exitCode).toBe(0)
    expect(await tagsOf(mirror, 'be/promote')).toEqual(tagNames)
  })
})
