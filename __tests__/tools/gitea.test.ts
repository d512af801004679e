import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {randomBytes} from 'node:crypto'
import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {startGitea, type Gitea, type GiteaScope} from '../../testing/registries/gitea.ts'
import {publishedTags} from '../../testing/registries/published.ts'
import {startRelay, type Relay, type RelayedRequest} from '../../testing/relay.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {workspaceOf, type Workspace} from '../../testing/workspace.ts'

/** Refusals of a real Gitea: rights, owners, names of scopes and quotas. Forgejo has the same code for packages. */
let gitea: Gitea
let workspace: Workspace

beforeAll(async () => {
  ;[gitea, workspace] = await Promise.all([
    startGitea({quota: '2 MiB'}),
    workspaceOf({Dockerfile: ['FROM scratch', 'COPY layer /layer'], layer: 'small'}),
  ])
  for (const user of ['ci', 'other']) await gitea.createUser(user)
})

afterAll(async () => {
  await Promise.all([gitea[Symbol.asyncDispose](), workspace[Symbol.asyncDispose]()])
})

interface Publication {
  readonly result: StepResult
  readonly requests: readonly RelayedRequest[]
}

let names = 0

/** Publishes with a new token of the user `ci`. */
async function publish(image: string, scopes: readonly GiteaScope[], mirror?: string): Promise<Publication> {
  await using relay: Relay = await startRelay(gitea.host, () => undefined)
  names += 1
  const password = await gitea.createToken('ci', scopes, `token ${names}`)
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {
      images: [`${relay.host}/${image}`, ...(mirror === undefined ? [] : [`${relay.host}/${mirror}`])].join('\n'),
      platforms: 'linux/amd64,linux/arm64',
      registry: relay.host,
      username: 'ci',
      password,
      retries: '0',
    },
  })
  const result = await step.run()
  return {result, requests: [...relay.requests]}
}

/** Reads tags as the user `ci`. */
async function tagsOf(repository: string): Promise<readonly string[]> {
  names += 1
  const password = await gitea.createToken('ci', ['read:package'], `token ${names}`)
  return Object.keys(await publishedTags({host: gitea.host, repository, login: {username: 'ci', password}}))
}

/** Requests of Tagboat, not of Docker, that carry a password, except those for a token. */
function withPassword(requests: readonly RelayedRequest[]): readonly string[] {
  return requests
    .filter(({headers, path: target}) => headers['user-agent'] === 'tagboat' && !target.startsWith('/v2/token'))
    .filter(({headers}) => /^Basic /i.test(headers.authorization ?? ''))
    .map(({method, path: target}) => `${method} ${target}`)
}

describe.each([
  {
    name: 'a read-only token',
    image: 'ci/app',
    scopes: ['read:package'],
    code: 'push-denied',
    says: 'write:package',
  },
  {
    name: 'the packages of another user',
    image: 'other/app',
    scopes: ['write:package'],
    code: 'push-denied',
    says: 'write:package',
  },
  {
    name: 'an owner that does not exist',
    image: 'unknown/app',
    scopes: ['write:package'],
    code: 'project-missing',
    says: 'owner',
  },
] as const)('$name', ({image, scopes, code, says}) => {
  let published: Publication

  beforeAll(async () => {
    published = await publish(image, scopes)
  })

  test('is named with its remedy, and tags nothing', async () => {
    const {exitCode, log} = published.result
    expect({exitCode, log}).toEqual({exitCode: 1, log})
    expect(log).toContain(`[${code}]`)
    expect(log).toContain(says)
    if (image !== 'unknown/app') expect(await tagsOf(image)).toEqual([])
  })

  // Gitea answers the denial of a Bearer token with a Basic challenge.
  test('does not make later requests send the password', () => {
    expect(published.requests.some(({headers}) => headers.authorization?.startsWith('Bearer '))).toBe(true)
    expect(withPassword(published.requests)).toEqual([])
  })
})

test('a token without a scope for packages cannot log in', async () => {
  const {result} = await publish('ci/app', ['read:user'])
  expect(result.exitCode).toBe(1)
  expect(result.log).toContain('[login-refused]')
  expect(result.log).not.toContain('docker buildx build')
})

test('a denied mirror does not stop the required image', async () => {
  const {result, requests} = await publish('ci/main', ['write:package'], 'other/mirror,required=false')
  expect({exitCode: result.exitCode, log: result.log}).toEqual({exitCode: 0, log: result.log})
  expect(result.log).toContain('push-denied')
  expect(await tagsOf('ci/main')).toHaveLength(5)
  expect(withPassword(requests)).toEqual([])
})

test('an exhausted quota is named', async () => {
  await writeFile(path.join(workspace.directory, 'layer'), randomBytes(3 * 1024 * 1024))
  const {result} = await publish('ci/large', ['write:package'])
  expect(result.exitCode).toBe(1)
  expect(result.log).toContain('[quota-exceeded]')
  expect(await tagsOf('ci/large')).toEqual([])
})
