import {httpClient, type HttpResponse} from '../../src/io/http.ts'
import {startInternet, type Internet} from '../clouds/internet.ts'
import {scriptedHttp} from '../fake-io.ts'
import {repositoryApi} from '../github/repository-api.ts'
import type {TestImage} from '../memory-registry.ts'
import {startRegistry, type Registry} from '../registry.ts'
import {pushImage, testClients} from '../registry-client.ts'
import {gitHubVersions, type GitHubVersions, type GitHubVersionsOptions} from './github-versions.ts'

/** GitHub with its container registry, for processes: stand-ins in front of a real registry, under their real names. */
export interface GhcrService extends AsyncDisposable {
  readonly registry: Registry
  readonly github: GitHubVersions
  readonly internet: Internet
  /** Waits until no request of a process is answered any more. */
  readonly idle: () => Promise<void>
  /** Pushes an image with its tags, as if that was some days ago. */
  readonly publish: (image: TestImage, daysAgo: number, ...tags: readonly string[]) => Promise<TestImage>
}

export interface GhcrServiceOptions extends Pick<GitHubVersionsOptions, 'access' | 'before' | 'limits'> {
  readonly token: string
  /** `owner/name` of the repository, whose package has the same path. Its owner is an organization. */
  readonly repository: string
  readonly openPulls?: readonly number[]
}

const dayMs = 24 * 3_600_000

export async function startGhcr({
  repository,
  token,
  openPulls = [],
  ...options
}: GhcrServiceOptions): Promise<GhcrService> {
  const registry = await startRegistry()
  const stopped = new AbortController()
  const behind = httpClient(stopped.signal, {})
  let daysAgo = 0
  const [owner = ''] = repository.split('/')
  const github = gitHubVersions({
    behind,
    behindOrigin: registry.url,
    owners: {[owner]: 'Organization'},
    token,
    now: () => new Date(Date.now() - daysAgo * dayMs),
    ...options,
  })
  const api = repositoryApi({token, repository, openPulls, now: () => new Date()})
  const running = new Set<Promise<HttpResponse>>()
  const internet = await startInternet(github.hosts, async (request) => {
    const answer = request.url.pathname.startsWith('/repos/') ? api.answer(request) : github.answer(request)
    running.add(answer)
    return answer.finally(() => running.delete(answer))
  })
  const client = testClients(scriptedHttp(github.answer)).of('ghcr.io', repository)
  return {
    registry,
    github,
    internet,
    idle: async () => {
      await Promise.allSettled(running)
    },
    async publish(image, days, ...tags) {
      daysAgo = days
      await pushImage(client, image)
      for (const tag of tags) await client.putManifest(tag, image)
      daysAgo = 0
      return image
    },
    async [Symbol.asyncDispose]() {
      await internet[Symbol.asyncDispose]()
      stopped.abort()
      behind[Symbol.dispose]()
      await registry.stop()
    },
  }
}
