import {afterAll, beforeAll, beforeEach, describe, expect, test} from '@jest/globals'
import {httpClient} from '../../src/io/http.ts'
import {serveRepositoryApi, type ServedApi} from '../../testing/github/served-api.ts'
import {imageOfAge} from '../../testing/prune-run.ts'
import {pushImage, testClients, type TestClients} from '../../testing/registry-client.ts'
import {changesOf, startRegistry, type Registry} from '../../testing/registry.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {sampleDirectory} from '../../testing/sample.ts'
import {Secret} from '../../src/errors/secret.ts'

const login = {username: 'captain', password: 'canary-5a4b3c2d1e'}
const token = 'ghs_canaryOfTheRealPrune0123456789'
let registry: Registry
let api: ServedApi
let clients: TestClients
let count = 0
let path = ''

beforeAll(async () => {
  registry = await startRegistry({login})
  api = await serveRepositoryApi({token, repository: 'octo-org/octo-repo', openPulls: [2]})
  const {username, password} = login
  clients = testClients(httpClient(new AbortController().signal, {}), {
    credentials: async () => Promise.resolve({kind: 'basic', username, password: new Secret(password)}),
  })
})

afterAll(async () => {
  clients[Symbol.dispose]()
  await api[Symbol.asyncDispose]()
  await registry.stop()
})

/** Images of a release, an open and a closed pull request; the release has a tag of a pull request, too. */
const images = {
  release: imageOfAge(400, 'release'),
  open: imageOfAge(30, 'open'),
  closed: imageOfAge(30, 'closed'),
}
const tags = {
  '1.2.3': images.release,
  latest: images.release,
  'pr-9': images.release,
  'pr-2': images.open,
  'pr-1': images.closed,
}

beforeEach(async () => {
  count += 1
  path = `team/app-${count}`
  const client = clients.of(registry.host, path)
  for (const image of Object.values(images)) await pushImage(client, image)
  for (const [tag, {digest, mediaType, bytes}] of Object.entries(tags))
    await client.putManifest(tag, {digest, mediaType, bytes})
})

async function prune(inputs: Readonly<Record<string, string>> = {}): Promise<StepResult> {
  await using step = await Step.prepare({
    action: 'prune',
    event: 'schedule',
    workspace: sampleDirectory,
    token,
    inputs: {images: `${registry.host}/${path}`, registry: registry.host, ...login, ...inputs},
    env: {GITHUB_API_URL: api.url},
  })
  return await step.run()
}

/** Digest by tag. */
async function state(): Promise<Readonly<Record<string, string | undefined>>> {
  const names = [...(await registry.tags(path))].sort()
  const found = await Promise.all(names.map(async (tag) => [tag, (await registry.manifest(path, tag))?.digest]))
  return Object.fromEntries(found) as Record<string, string | undefined>
}

async function changes(): Promise<number> {
  return changesOf(await registry.requests(), path).length
}

test('a dry run changes nothing, and says what it would delete', async () => {
  const [before, written] = [await state(), await changes()]
  const {exitCode, log, outputs, summary} = await prune()
  expect(exitCode).toBe(0)
  expect([await state(), await changes()]).toEqual([before, written])
  expect([outputs.get('deleted-count'), outputs.get('kept-count')]).toEqual(['2', '3'])
  expect(log.split('\n').find((line) => !line.startsWith('::'))).toMatch(/^Dry run: would delete 2 of 5 tags/)
  expect(log.trimEnd().split('\n').at(-1)).toMatch(/`dry-run: false`/)
  expect(summary).toMatch(/^### Would delete 2 of 5 tags/)
})

describe('a prune', () => {
  test('deletes tags and images, and keeps what other tags need', async () => {
    const {exitCode, log, outputs} = await prune({'dry-run': 'false'})
    expect({exitCode, log}).toMatchObject({exitCode: 0})
    expect(await state()).toEqual({
      '1.2.3': images.release.digest,
      latest: images.release.digest,
      'pr-2': images.open.digest,
    })
    expect(await registry.manifest(path, images.closed.digest)).toBeUndefined()
    for (const digest of [...images.release.platforms.values(), ...images.open.platforms.values()])
      expect(await registry.manifest(path, digest)).toBeDefined()
    expect(outputs.get('deleted-count')).toBe('2')
  })

  test('deletes nothing the second time', async () => {
    await prune({'dry-run': 'false'})
    const [before, written] = [await state(), await changes()]
    const {exitCode, outputs} = await prune({'dry-run': 'false'})
    expect([exitCode, outputs.get('deleted-count'), outputs.get('deleted')]).toEqual([0, '0', '[]'])
    expect([await state(), await changes()]).toEqual([before, written])
  })

  test('that would delete too much deletes nothing', async () => {
    const written = await changes()
    const {exitCode, log, outputs} = await prune({'dry-run': 'false', 'max-deleted': '1'})
    expect(exitCode).toBe(1)
    expect(log).toContain('prune-too-much')
    expect([outputs.get('deleted-count'), await changes()]).toEqual(['0', written])
  })

  test('shows no secret', async () => {
    const {log, summary, outputs} = await prune({'dry-run': 'false'})
    const shown = [log.replaceAll(/^::add-mask::.*$/gm, ''), summary, ...outputs.values()].join('\n')
    const encoded = Buffer.from(`${login.username}:${login.password}`).toString('base64')
    for (const secret of [login.password, token, encoded]) expect(shown).not.toContain(secret)
  })
})

test('a wrong input is reported before any request', async () => {
  const requests = async (): Promise<number> =>
    (await registry.requests()).filter(({userAgent}) => userAgent !== '').length
  const before = [api.api.requests.length, await requests()]
  const {exitCode, log} = await prune({policy: 'type=release', 'older-than': '5'})
  expect(exitCode).toBe(1)
  expect(log).toMatch(/input-invalid/)
  expect(log).toMatch(/policy, line 1[^]*older-than/)
  expect([api.api.requests.length, await requests()]).toEqual(before)
})
