import {describe, expect, test} from '@jest/globals'
import {prune} from '../../../../src/commands/prune/prune.ts'
import {json} from '../../../../testing/clouds/github-tokens.ts'
import {runCommand, type CommandRun} from '../../../../testing/command-run.ts'
import {scriptedHttp} from '../../../../testing/fake-io.ts'
import {repositoryApi} from '../../../../testing/github/repository-api.ts'
import {makeImage, makeReferrer, type TestImage} from '../../../../testing/memory-registry.ts'
import {
  ghcrScene,
  sceneStart,
  sceneToken,
  type GhcrScene,
  type GhcrSceneOptions,
} from '../../../../testing/registries/ghcr-scene.ts'

const dayMs = 24 * 3_600_000
const owners = {'octo-org': 'Organization'} as const

interface Packaged {
  readonly scene: GhcrScene
  /** Closed pull request, of which the tag `also` stays with the default branch's image. */
  readonly closed: TestImage
}

/** Package of the repository of the event: a release, a branch, an open and a closed pull request, a month old. */
async function packageOf(options: GhcrSceneOptions = {}): Promise<Packaged> {
  const start = new Date(sceneStart.getTime() - 30 * dayMs)
  const scene = ghcrScene({path: 'octo-org/octo-repo', owners, start, ...options})
  const platforms = ['linux/amd64', 'linux/arm64']
  const release = await scene.publish(makeImage({platforms, text: 'release'}), '1.2.3', '1.2', 'latest', 'pr-3')
  await scene.publish(makeReferrer(release, 'application/example.signature'))
  await scene.publish(makeImage({platforms, text: 'main'}), 'main')
  await scene.publish(makeImage({platforms, text: 'open'}), 'pr-2')
  const closed = await scene.publish(makeImage({platforms, text: 'closed'}), 'pr-1')
  await scene.publish(makeReferrer(closed, 'application/example.signature'))
  scene.clock.advance(30 * dayMs)
  return {scene, closed}
}

/** Runs the action on a schedule, with a real deletion by default. Only pull request 2 is open. */
async function run(
  {github}: GhcrScene,
  inputs: Readonly<Record<string, string>> = {'dry-run': 'false'},
): Promise<CommandRun> {
  const api = repositoryApi({token: sceneToken, repository: 'octo-org/octo-repo', openPulls: [2]})
  const http = scriptedHttp(async (request) =>
    request.url.pathname.startsWith('/repos/') ? api.answer(request) : github.answer(request),
  )
  const given = {'github-token': sceneToken, ...inputs}
  return runCommand(prune, {event: 'schedule', builds: false, http: () => http, inputs: given})
}

const isWrite = (request: string): boolean => !/^(?:GET|HEAD) /.test(request)
const isDelete = (request: string): boolean => request.startsWith('DELETE ')

/** Reads of manifests, which GitHub counts as downloads. */
function readsIn(requests: readonly string[]): readonly string[] {
  return requests.filter((request) => /^GET \/v2\/.*\/manifests\//.test(request))
}

function tagsOf({registry, path}: GhcrScene): readonly string[] {
  return Object.keys(registry.tagsOf(path))
}

const allTags = ['1.2', '1.2.3', 'latest', 'main', 'pr-1', 'pr-2', 'pr-3']
const keptTags = ['1.2', '1.2.3', 'latest', 'main', 'pr-2']

describe('a dry run for ghcr.io', () => {
  test('reads each manifest once, and changes nothing', async () => {
    const {scene} = await packageOf()
    const first = scene.github.requests.length
    const {failure, outputs, summary} = await run(scene, {})
    expect(failure).toBeUndefined()
    const requests = scene.github.requests.slice(first)
    expect(requests.filter(isWrite)).toEqual([])
    expect(readsIn(requests)).toHaveLength(Object.keys(scene.tags()).length)
    expect(new Set(readsIn(requests)).size).toBe(readsIn(requests).length)
    expect(tagsOf(scene)).toEqual(allTags)
    expect(outputs['deleted-count']).toBe('2')
    expect(summary).not.toContain('/restore')
  })
})

describe('a prune of ghcr.io', () => {
  test('deletes versions and a tag, and the next run nothing', async () => {
    const {scene, closed} = await packageOf()
    const start = scene.github.requests.length
    const first = await run(scene)
    expect(first.failure).toBeUndefined()
    const reads = readsIn(scene.github.requests.slice(start))
    expect(new Set(reads).size).toBe(reads.length)
    expect(tagsOf(scene)).toEqual(keptTags)
    const gone = [closed.digest, ...closed.platforms.values()]
    expect(Object.keys(scene.tags()).filter((digest) => gone.some((one) => one === digest))).toEqual([])
    expect(Object.keys(scene.tags())).toHaveLength(10)
    expect(first.outputs['deleted-count']).toBe('2')
    expect(first.outputs['remaining']).toBe('0')
    const before = scene.github.requests.length
    const second = await run(scene)
    expect([second.failure, second.outputs['deleted-count']]).toEqual([undefined, '0'])
    expect(scene.github.requests.slice(before).filter(isWrite)).toEqual([])
  })

  test('says how to restore', async () => {
    const {scene, closed} = await packageOf()
    const {id} = scene.doomed(closed)
    const {summary} = await run(scene)
    expect(summary).toContain('/orgs/octo-org/packages/container/octo-repo/versions/VERSION/restore')
    expect(summary).toContain('2026-02-01')
    expect(summary).toContain(String(id))
  })

  test('shows the token nowhere', async () => {
    const {scene} = await packageOf()
    const {io, outputs, summary} = await run(scene)
    const log = io.workflow.log.join('\n')
    expect([log, summary, JSON.stringify(outputs)].join('\n')).not.toContain(sceneToken)
  })

  test('ends at the limit, and the next run goes on', async () => {
    // One list now, four later, and one deletion.
    const {scene} = await packageOf({limits: {used: 1_000 - 100 - 5 - 2}})
    const first = await run(scene)
    expect(first.failure).toBeUndefined()
    expect([first.outputs['deleted-count'], first.outputs['remaining']]).toEqual(['1', '1'])
    expect(tagsOf(scene)).toHaveLength(6)
    scene.clock.advance(3_600_000)
    const second = await run(scene)
    expect([second.failure, second.outputs['remaining']]).toEqual([undefined, '0'])
    expect(tagsOf(scene)).toEqual(keptTags)
  })

  test('stays green for a popular version', async () => {
    const {scene, closed} = await packageOf({isPublic: true})
    const version = scene.github.package(scene.path).byDigest(closed.digest)
    if (version !== undefined) version.downloads = 5_001
    const {failure, summary} = await run(scene)
    expect(failure).toBeUndefined()
    expect(tagsOf(scene)).toEqual([...keptTags, 'pr-1'].toSorted())
    // Its platforms and its signature stay, too.
    expect(Object.keys(scene.tags())).toHaveLength(14)
    expect(summary).toContain('5,000 downloads')
  })
})

describe('a failed prune of ghcr.io', () => {
  test('deletes nothing without the role Admin', async () => {
    const {scene} = await packageOf({access: 'write'})
    const {failure} = await run(scene)
    expect(failure?.code).toBe('prune-denied-ghcr')
    expect(tagsOf(scene)).toEqual(allTags)
    expect(scene.github.requests.filter(isDelete).length).toBeLessThanOrEqual(3)
  })

  test('deletes nothing after half a list', async () => {
    const {scene} = await packageOf({
      fault: (request) =>
        request.includes('/versions?') ? {when: 'before', answer: json(500, {message: 'Server Error'})} : undefined,
    })
    const {failure} = await run(scene)
    expect(failure?.code).toBe('prune-list-cut')
    expect(scene.github.requests.filter(isDelete)).toEqual([])
  })

  test('needs a token', async () => {
    const {scene} = await packageOf()
    const given = {
      'dry-run': 'false',
      'github-token': '',
      username: 'octocat',
      password: 'secret-password',
      registry: 'ghcr.io',
    }
    expect((await run(scene, given)).failure?.code).toBe('credentials-missing')
  })
})
