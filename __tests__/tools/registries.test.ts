import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {Secret} from '../../src/errors/secret.ts'
import {httpClient} from '../../src/io/http.ts'
import {isDigest} from '../../src/oci/digest.ts'
import {enlistReferrers} from '../../src/registry/signatures/enlist-referrers.ts'
import {makeReferrer} from '../../testing/memory-registry/images.ts'
import {testClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry, type RegistryLogin, type RegistryOptions} from '../../testing/registry.ts'
import {startDistributionTokens} from '../../testing/registries/distribution-tokens.ts'
import {startGgcrRegistry} from '../../testing/registries/ggcr.ts'
import {startGitea} from '../../testing/registries/gitea.ts'
import {publishedEntries, publishedTags, type ReadRepository} from '../../testing/registries/published.ts'
import {startRelay} from '../../testing/relay.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

/**
 * The bundle publishes and promotes with real registries: two releases of distribution, with passwords, TLS and the token
 * server of distribution, the registry of go-containerregistry, and Gitea. None of them has the referrers API.
 */
interface Scene extends AsyncDisposable {
  readonly host: string
  readonly login: RegistryLogin | undefined
  readonly requests: () => Promise<readonly {readonly method: string; readonly path: string}[]>
  readonly tags: (repository: string) => Promise<Readonly<Record<string, string>>>
}

const ci = {username: 'ci', password: 'a-fair-wind'}
const tagNames = ['1', '1.2', '1.2.3', 'latest', 'sha-6113728']
const platforms = 'linux/amd64,linux/arm64'

let workspace: Workspace
let mirror: Registry

beforeAll(async () => {
  ;[workspace, mirror] = await Promise.all([workspaceOf({Dockerfile: plainDockerfile}), startRegistry()])
})

afterAll(async () => {
  await Promise.all([workspace[Symbol.asyncDispose](), mirror.stop()])
})

/** Scene of a registry without TLS, behind a relay that records the requests. */
async function recorded(
  target: string,
  login: RegistryLogin | undefined,
  parts: readonly AsyncDisposable[],
): Promise<Scene> {
  const relay = await startRelay(target, () => undefined)
  return {
    host: relay.host,
    login,
    requests: async () => Promise.resolve(relay.requests),
    tags: async (repository) => publishedTags({host: relay.host, repository, login}),
    [Symbol.asyncDispose]: async () => {
      await relay[Symbol.asyncDispose]()
      for (const part of parts) await part[Symbol.asyncDispose]()
    },
  }
}

async function distribution(options: RegistryOptions): Promise<Scene> {
  const registry = await startRegistry({login: ci, ...options})
  return recorded(registry.host, ci, [registry])
}

async function withTls(): Promise<Scene> {
  const registry = await startRegistry({release: 3, login: ci, tls: true})
  return {
    host: registry.host,
    login: ci,
    requests: async () => registry.requests(),
    tags: async (repository) => tagsOf(registry, repository),
    [Symbol.asyncDispose]: async () => registry.stop(),
  }
}

async function tagsOf(registry: Registry, repository: string): Promise<Readonly<Record<string, string>>> {
  const tags = (await registry.tags(repository)).toSorted()
  const heads = await Promise.all(tags.map(async (tag) => (await registry.manifest(repository, tag))?.digest ?? ''))
  return Object.fromEntries(tags.map((tag, index) => [tag, heads[index] ?? '']))
}

async function withTokens(): Promise<Scene> {
  const token = await startDistributionTokens([ci])
  const registry = await startRegistry({token})
  return recorded(registry.host, ci, [registry, token])
}

async function withGgcr(): Promise<Scene> {
  const registry = await startGgcrRegistry()
  return recorded(registry.host, undefined, [registry])
}

async function withGitea(): Promise<Scene> {
  const gitea = await startGitea()
  await gitea.createUser(ci.username)
  const password = await gitea.createToken(ci.username, ['write:package'])
  return recorded(gitea.host, {username: ci.username, password}, [gitea])
}

const scenes: readonly {readonly name: string; readonly start: () => Promise<Scene>; readonly isOpen?: true}[] = [
  {name: 'distribution 2.8 with passwords', start: async () => distribution({release: 2})},
  {name: 'distribution 3 with passwords', start: async () => distribution({release: 3})},
  {name: 'distribution 3 with pages of two tags', start: async () => distribution({release: 3, tagsPerPage: 2})},
  {name: 'distribution 3 with TLS', start: withTls},
  {name: 'distribution 2.8 with its token server', start: withTokens},
  {name: 'go-containerregistry', start: withGgcr, isOpen: true},
  {name: 'Gitea', start: withGitea},
]

type Inputs = Readonly<Record<string, string>>

function loginTo({host, login}: Scene, password = login?.password ?? ''): Inputs {
  return login === undefined ? {} : {registry: host, username: login.username, password}
}

async function runStep(inputs: Inputs, action?: 'promote'): Promise<StepResult> {
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {platforms, retries: '0', ...inputs},
    ...(action && {action}),
  })
  return await step.run()
}

function all(digest: string): Inputs {
  return Object.fromEntries(tagNames.map((tag) => [tag, digest]))
}

describe.each(scenes)('$name', ({start, isOpen}) => {
  let scene: Scene
  let digest: string

  beforeAll(async () => {
    scene = await start()
    const {exitCode, log, outputs} = await runStep({images: `${scene.host}/ci/app`, ...loginTo(scene)})
    expect({exitCode, log}).toEqual({exitCode: 0, log})
    digest = outputs.get('digest') ?? 'no digest'
  })

  afterAll(async () => {
    await scene[Symbol.asyncDispose]()
  })

  const writes = async (): Promise<readonly string[]> =>
    (await scene.requests()).flatMap(({method, path}) =>
      ['PUT', 'PATCH'].includes(method) ? [`${method} ${path}`] : [],
    )

  test('has all tags of the release, of one digest', async () => {
    expect(await scene.tags('ci/app')).toEqual(all(digest))
  })

  test('keeps everything in a second run', async () => {
    const before = await writes()
    const {exitCode, log, outputs} = await runStep({images: `${scene.host}/ci/app`, ...loginTo(scene)})
    expect({exitCode, log}).toEqual({exitCode: 0, log})
    expect(outputs.get('digest')).toBe(digest)
    expect(log).not.toContain('docker buildx build')
    expect((await writes()).slice(before.length)).toEqual([])
  })

  test('moves a floating tag to a later release, and keeps it from an earlier one', async () => {
    const images = `${scene.host}/ci/line`
    const publish = async (version: string): Promise<string> => {
      const inputs = {images, version, tags: 'type=semver,pattern={{version}}', flavor: 'latest=true'}
      const {exitCode, log, outputs} = await runStep({...inputs, ...loginTo(scene), 'build-args': `V=${version}`})
      expect({exitCode, log}).toEqual({exitCode: 0, log})
      return outputs.get('digest') ?? 'no digest'
    }
    const first = await publish('2.0.0')
    const later = await publish('2.1.0')
    const earlier = await publish('1.9.0')
    expect(await scene.tags('ci/line')).toEqual({'1.9.0': earlier, '2.0.0': first, '2.1.0': later, latest: later})
  })

  test('promotes within the registry, with signatures in the referrers tag', async () => {
    const signature = await sign(scene, digest)
    const inputs = {images: `${scene.host}/ci/production`, from: `${scene.host}/ci/app:1.2.3`}
    const {exitCode, log} = await runStep({...inputs, ...loginTo(scene)}, 'promote')
    expect({exitCode, log}).toEqual({exitCode: 0, log})
    const tags = await scene.tags('ci/production')
    expect(tags).toEqual({...all(digest), [digest.replace(':', '-')]: expect.stringMatching(/^sha256:/)})
    expect(await referrersIn(scene, 'ci/production', digest)).toEqual([signature])
  })

  test('promotes to another registry, with both platforms', async () => {
    const repository = scene.host.replaceAll(/\D/g, '-')
    const inputs = {images: `${mirror.host}/mirror/${repository}`, from: `${scene.host}/ci/app:1.2.3`}
    const {exitCode, log} = await runStep({...inputs, ...loginTo(scene)}, 'promote')
    expect({exitCode, log}).toEqual({exitCode: 0, log})
    const tags = await tagsOf(mirror, `mirror/${repository}`)
    expect(tags).toEqual({...all(digest), [digest.replace(':', '-')]: expect.stringMatching(/^sha256:/)})
    const of: ReadRepository = {host: mirror.host, repository: `mirror/${repository}`, login: undefined}
    const entries = await publishedEntries(of, '1.2.3')
    expect(entries.map(({platform}) => platform?.architecture)).toEqual(['amd64', 'arm64', 'unknown', 'unknown'])
  })

  if (isOpen === true) return
  test.each(['wrong', ''])('refuses the password "%s" before the build', async (password) => {
    const before = await writes()
    const {exitCode, log} = await runStep({images: `${scene.host}/ci/refused`, ...loginTo(scene, password)})
    expect(exitCode).toBe(1)
    expect(log).toContain(password === '' ? '[credentials-missing]' : '[login-refused]')
    expect(log).not.toContain('docker buildx build')
    expect((await writes()).slice(before.length)).toEqual([])
  })
})

test.each([{release: 2}, {release: 3}] as const)(
  'distribution $release in maintenance is read-only',
  async ({release}) => {
    await using registry = await startRegistry({release, login: ci, isReadOnly: true})
    const inputs = {images: `${registry.host}/ci/app`, registry: registry.host, ...ci}
    const {exitCode, log} = await runStep(inputs)
    expect({exitCode, log}).toEqual({exitCode: 1, log})
    expect(log).toContain('[registry-read-only]')
    expect(await registry.tags('ci/app')).toEqual([])
  },
)

function clientOf({host, login}: Scene, path: string): ReturnType<ReturnType<typeof testClients>['of']> {
  const credentials = login && {
    kind: 'basic' as const,
    username: login.username,
    password: new Secret(login.password),
  }
  const clients = testClients(httpClient(new AbortController().signal, {}), {
    credentials: async () => Promise.resolve(credentials),
  })
  return clients.of(host, path)
}

/** Adds a signature to an image in `ci/app`, as a referrer. */
async function sign(scene: Scene, digest: string): Promise<string> {
  const client = clientOf(scene, 'ci/app')
  const subject = isDigest(digest) ? await client.manifest(digest) : undefined
  if (subject === undefined) throw new Error(`${digest} is missing`)
  const signature = makeReferrer({...subject, bytes: Buffer.from(subject.bytes)}, 'application/vnd.example.signature')
  for (const [name, bytes] of signature.blobs) {
    await client.uploadBlob({digest: name, sizeBytes: bytes.length}, async function* () {
      yield await Promise.resolve(bytes)
    })
  }
  for (const manifest of signature.manifests) await client.putManifest(manifest.digest, manifest)
  await enlistReferrers(subject.digest, signature.manifests, client)
  return signature.digest
}

async function referrersIn(scene: Scene, repository: string, digest: string): Promise<readonly string[]> {
  const found = isDigest(digest) ? await clientOf(scene, repository).referrers(digest) : []
  return found.map((one) => one.digest)
}
