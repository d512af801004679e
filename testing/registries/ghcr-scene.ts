import {secretKeeper} from '../../src/errors/known-secrets.ts'
import {Secret} from '../../src/errors/secret.ts'
import type {DoomedImage, ImageStore} from '../../src/prune/image-store.ts'
import {openGhcr} from '../../src/prune/ghcr/ghcr-store.ts'
import {GitHubApi, type GitHubAccess} from '../../src/prune/ghcr/github-api.ts'
import {defaultPolicy, type RetryTimer} from '../../src/registry/retry.ts'
import type {HostClient} from '../../src/registry/host-client.ts'
import type {RepositoryClient} from '../../src/registry/repository-client.ts'
import {scriptedHttp} from '../fake-io.ts'
import {makeImage, memoryRegistry, type MemoryRegistry, type TestImage} from '../memory-registry.ts'
import {activityOf, pushImage, testClients} from '../registry-client.ts'
import {testResources} from '../vendors/store-resources.ts'
import {gitHubVersions, type GitHubVersions, type GitHubVersionsOptions} from './github-versions.ts'

/** Clock that only waits move. */
export interface TestClock extends RetryTimer {
  readonly advance: (ms: number) => void
}

/** Package of an organization in GitHub's registry in memory, with the store of it. */
export interface GhcrScene {
  readonly path: string
  readonly registry: MemoryRegistry
  readonly github: GitHubVersions
  readonly clock: TestClock
  readonly http: ReturnType<typeof scriptedHttp>
  readonly client: RepositoryClient
  /** Client of the host of the registry. */
  readonly host: HostClient
  readonly store: ImageStore
  /** Log lines of retries. */
  readonly lines: readonly string[]
  /** Pushes an image, with its tags. */
  readonly publish: (image: TestImage, ...tags: readonly string[]) => Promise<TestImage>
  /** Pushes small images, each with a tag of its number: `t1`, `t2`, … */
  readonly publishMany: (count: number) => Promise<readonly TestImage[]>
  /** Sorted tags by digest, of all versions that exist. */
  readonly tags: () => Readonly<Record<string, readonly string[]>>
  /** Version of an image as the store needs it to delete the image. */
  readonly doomed: (image: Pick<TestImage, 'digest'>) => DoomedImage
  /** Creates another client of the API and another store: another run. */
  readonly reopen: (client?: RepositoryClient) => ImageStore
}

export interface GhcrSceneOptions extends Partial<Omit<GitHubVersionsOptions, 'behind' | 'now'>> {
  /** Path of the package. Default: `acme/app`, of an organization. */
  readonly path?: string
  readonly owner?: GitHubAccess['owner']
  /** Time at which the clock starts. */
  readonly start?: Date
  readonly signal?: AbortSignal
}

/** Token of the scene. No text of the run may contain it. */
export const sceneToken = 'ghs_canaryOfTheScene0123456789abcdef'
export const sceneStart = new Date('2026-01-02T03:04:05Z')

export function ghcrScene(settings: GhcrSceneOptions = {}): GhcrScene {
  const {path = 'acme/app', owner, start = sceneStart, signal, ...options} = settings
  const clock = testClock(start)
  const registry = memoryRegistry({host: options.registryHost ?? 'ghcr.io', referrers: false})
  const github = gitHubVersions({
    owners: {acme: 'Organization', octocat: 'User'},
    token: sceneToken,
    ...options,
    behind: registry.http(),
    now: clock.now,
  })
  const http = scriptedHttp(github.answer)
  const {keep, hide} = secretKeeper()
  keep(sceneToken)
  const lines: string[] = []
  const activity = activityOf((line) => lines.push(line))
  const run = signal ?? new AbortController().signal
  const clients = testClients(http, {timer: clock, activity, signal: run})
  const repository = {host: registry.host, path}
  const client = clients.repository(repository)
  const retrier = {policy: defaultPolicy, timer: clock, activity, signal: run}
  const services = {...testResources(http).services, retrier, secrets: {keep, hide}}
  const access = {apiUrl: options.api ?? 'https://api.github.com', token: new Secret(sceneToken), owner}
  const reopen = (own = client): ImageStore =>
    openGhcr(repository, {
      clients: {...clients, repository: () => own},
      services,
      gitHub: new GitHubApi(access, services),
      gitHubServer: `https://${registry.host === 'ghcr.io' ? 'github.com' : registry.host.replace('containers.', '')}`,
    })
  const publish: GhcrScene['publish'] = async (image, ...tags) => {
    await pushImage(client, image)
    for (const tag of tags) await client.putManifest(tag, image)
    return image
  }
  const state = github.package(path)
  return {
    path,
    registry,
    github,
    clock,
    http,
    client,
    host: clients.host(registry.host),
    store: reopen(),
    lines,
    publish,
    async publishMany(count) {
      const images: TestImage[] = []
      for (let number = 1; number <= count; number += 1)
        images.push(await publish(makeImage({text: String(number)}), `t${number}`))
      return images
    },
    tags: () => Object.fromEntries(state.active().map(({digest, tags}) => [digest, [...tags].toSorted()])),
    doomed({digest}) {
      const version = state.byDigest(digest)
      if (version === undefined) throw new Error(`there is no version ${digest}`)
      return {digest, tags: [...version.tags], id: String(version.id)}
    },
    reopen,
  }
}

export function testClock(start = sceneStart): TestClock {
  let now = start.getTime()
  const advance = (ms: number): void => {
    now += ms
  }
  return {
    now: () => new Date(now),
    sleep: async (ms) => {
      advance(ms)
      return Promise.resolve()
    },
    random: () => 0,
    advance,
  }
}
