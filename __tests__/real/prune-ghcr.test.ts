import {describe, expect, test} from '@jest/globals'
import type {HttpRequest} from '../../src/io/http.ts'
import {expectFailure} from '../../testing/failure.ts'
import {temporaryDirectory} from '../../testing/fake-io.ts'
import {makeImage, makeReferrer, type TestImage} from '../../testing/memory-registry.ts'
import {startGhcr, type GhcrService, type GhcrServiceOptions} from '../../testing/registries/ghcr-service.ts'
import type {Registry} from '../../testing/registry.ts'
import {visibleLog} from '../../testing/runner-log.ts'
import {Step, type StepResult} from '../../testing/runner.ts'

/**
 * The bundle prunes a package of GitHub. The packages API is a stand-in, which refuses what GitHub refuses; the registry
 * behind it, TLS, proxy and processes are real.
 */
const repository = 'octo-org/octo-repo'
const token = 'ghs_canaryOfTheRealPrune0123456789abcd'
const real = {'dry-run': 'false'}

interface Published {
  readonly release: TestImage
  /** Index whose platforms are those of `main`. */
  readonly closed: TestImage
  readonly closedToo: TestImage
}

/** Publishes a release, the default branch, two closed pull requests and an open one. */
async function publish({publish: push}: GhcrService): Promise<Published> {
  const platforms = ['linux/amd64', 'linux/arm64']
  const release = await push(makeImage({platforms, text: 'release'}), 400, '1.2.3', '1.2', 'latest', 'pr-5')
  await push(makeReferrer(release, 'application/example.signature'), 400)
  // Images of the same text share their platforms.
  await push(makeImage({platforms, text: 'main', annotations: {of: 'main'}}), 9, 'main')
  const shared = makeImage({platforms, text: 'main', annotations: {of: 'pull request'}})
  const closed = await push(shared, 9, 'pr-1')
  const closedToo = await push(makeImage({text: 'closed, too'}), 9, 'pr-3')
  await push(makeReferrer(closedToo, 'application/example.signature'), 9)
  await push(makeImage({platforms, text: 'open'}), 9, 'pr-2')
  return {release, closed, closedToo}
}

async function start(options: Partial<GhcrServiceOptions> = {}): Promise<GhcrService> {
  return startGhcr({repository, token, openPulls: [2], ...options})
}

/** Runs the action on a schedule. */
async function run(ghcr: GhcrService, inputs: Readonly<Record<string, string>> = real): Promise<StepResult> {
  await using workspace = await temporaryDirectory()
  await using step = await stepOf(ghcr, workspace.path, inputs)
  return await step.run()
}

async function stepOf(
  {internet}: GhcrService,
  workspace: string,
  inputs: Readonly<Record<string, string>>,
): Promise<Step> {
  const env = internet.environment
  return Step.prepare({action: 'prune', event: 'schedule', inputs, env, token, workspace})
}

/** Expects that each tag of the registry has all its platforms. */
async function expectWhole(registry: Registry): Promise<void> {
  for (const tag of await registry.tags(repository)) {
    const found = await registry.manifest(repository, tag)
    const {manifests = []} = found?.json as {readonly manifests?: readonly {readonly digest: string}[]}
    for (const {digest} of manifests) expect(await registry.manifest(repository, digest)).toBeDefined()
  }
}

const isWrite = (request: string): boolean => !/^(?:GET|HEAD) /.test(request)
const isDelete = (request: string): boolean => request.startsWith('DELETE ')
const keptTags = ['1.2', '1.2.3', 'latest', 'main', 'pr-2']
const allTags = [...keptTags, 'pr-1', 'pr-3', 'pr-5'].toSorted()

describe('the action prune for ghcr.io', () => {
  test('deletes what its dry run shows, and nothing twice', async () => {
    await using ghcr = await start()
    const {registry, github} = ghcr
    const published = await publish(ghcr)
    const before = github.requests.length
    const dry = await run(ghcr, {})
    expect(dry.exitCode).toBe(0)
    expect(github.requests.slice(before).filter(isWrite)).toEqual([])
    expect(await registry.tags(repository)).toEqual(expect.arrayContaining(allTags))

    const first = await run(ghcr)
    expect([first.exitCode, first.outputs.get('deleted-count')]).toEqual([0, '3'])
    expect(first.outputs.get('deleted-count')).toBe(dry.outputs.get('deleted-count'))
    expect((await registry.tags(repository)).toSorted()).toEqual(keptTags)
    await expectWhole(registry)
    for (const {digest} of [published.closed, published.closedToo])
      expect(await registry.manifest(repository, digest)).toBeUndefined()
    expect((await registry.manifest(repository, 'latest'))?.digest).toBe(published.release.digest)
    expect(`${visibleLog(first.log)}${first.summary}`).not.toContain(token)

    const between = github.requests.length
    const second = await run(ghcr)
    expect([second.exitCode, second.outputs.get('deleted-count')]).toEqual([0, '0'])
    expect(github.requests.slice(between).filter(isWrite)).toEqual([])
  })

  test('names in the summary what restores an image', async () => {
    await using ghcr = await start()
    const {github, registry} = ghcr
    const {digest} = (await publish(ghcr)).closedToo
    const id = github.package(repository).byDigest(digest)?.id
    const {summary} = await run(ghcr)
    const path = /gh api --method POST (\/\S+\/restore)/.exec(summary)?.[1]?.replace('VERSION', String(id)) ?? ''
    expect(summary).toContain(`| ${id} |`)
    const headers = {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'x-github-api-version': '2022-11-28',
    }
    const request: HttpRequest = {method: 'POST', url: new URL(`https://api.github.com${path}`), headers}
    expect((await github.answer(request)).status).toBe(204)
    expect((await registry.manifest(repository, digest))?.digest).toBe(digest)
  })

  test('fails without the role Admin, and changes nothing', async () => {
    await using ghcr = await start({access: 'write'})
    await publish(ghcr)
    const result = await run(ghcr)
    expectFailure(result, {code: 'prune-denied-ghcr', values: ['DELETE /orgs/octo-org/packages/container/octo-repo']})
    expect((await ghcr.registry.tags(repository)).toSorted()).toEqual(allTags)
    expect(ghcr.github.requests.filter(isDelete).length).toBeLessThanOrEqual(3)
  })

  test.each([1, 2, 4])('leaves all tags whole when it is killed at deletion %d, and goes on', async (nth) => {
    const deletions: string[] = []
    const {promise: nthDeletion, resolve} = Promise.withResolvers<undefined>()
    await using ghcr = await start({
      before: (request) => {
        if (isDelete(request)) deletions.push(request)
        if (deletions.length === nth) resolve(undefined)
      },
    })
    await publish(ghcr)
    await using workspace = await temporaryDirectory()
    await using step = await stepOf(ghcr, workspace.path, real)
    const running = step.main()
    await nthDeletion
    step.kill('SIGKILL')
    expect((await running).signal).toBe('SIGKILL')
    await ghcr.idle()
    await expectWhole(ghcr.registry)
    expect((await run(ghcr)).exitCode).toBe(0)
    expect((await ghcr.registry.tags(repository)).toSorted()).toEqual(keptTags)
    await expectWhole(ghcr.registry)
  })
})
