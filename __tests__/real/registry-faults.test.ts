import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {registryError, startRelay, type RelayAnswer, type RelayedRequest, type Respond} from '../../testing/relay.ts'
import {startRemoteBuilder} from '../../testing/remote-builder.ts'
import {Step, type StepOptions, type StepResult} from '../../testing/runner.ts'
import {expectFailure, type ExpectedFailure} from '../../testing/failure.ts'
import {publishTo} from '../../testing/sample.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
const tagNames = ['1', '1.2', '1.2.3', 'latest', 'sha-6113728']
let registry: Registry
let workspace: Workspace

beforeAll(async () => {
  ;[registry, workspace] = await Promise.all([startRegistry({login}), workspaceOf({Dockerfile: plainDockerfile})])
})

afterAll(async () => {
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

/** Publishes to a separate repository through a relay. */
async function publishThrough(
  repository: string,
  respond: Respond,
  options: Pick<StepOptions, 'inputs' | 'env'> = {},
): Promise<StepResult> {
  await using relay = await startRelay(registry.host, respond)
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {...publishTo(relay.host, login), images: `${relay.host}/${repository}`, ...options.inputs},
    ...(options.env && {env: options.env}),
  })
  return await step.run()
}

function isUpload({method, path}: RelayedRequest): boolean {
  return method === 'POST' && path.includes('/blobs/uploads')
}

function isByBuilder({headers}: RelayedRequest): boolean {
  return headers['user-agent'] !== 'tagboat'
}

function isManifestPush({method, path}: RelayedRequest): boolean {
  return method === 'PUT' && path.includes('/manifests/')
}

/** Whether a request reads a manifest by tag. */
function isTagRead({method, path}: RelayedRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && /\/manifests\/[^/:]+$/.test(path)
}

/** Answers reads of tags after all of them were written. */
function afterwards(answer: (request: RelayedRequest) => RelayAnswer | undefined): () => Respond {
  return () => {
    const unwritten = new Set(tagNames)
    return (request) => {
      if (isManifestPush(request)) unwritten.delete(path.basename(request.path))
      return unwritten.size === 0 && isTagRead(request) && request.headers.authorization !== undefined
        ? answer(request)
        : undefined
    }
  }
}

interface Fault extends ExpectedFailure {
  readonly name: string
  readonly repository: string
  readonly respond: () => Respond
  readonly inputs?: Readonly<Record<string, string>>
}

const faults: readonly Fault[] = [
  {
    name: 'denies the push',
    repository: 'faults/denied',
    respond: () => (request) => (isUpload(request) ? registryError(403, 'DENIED', 'you may not') : undefined),
    code: 'push-denied',
    values: ['faults/denied', 'POST http://', '/blobs/uploads/: 403', 'DENIED: you may not'],
  },
  {
    name: 'denies only the manifest',
    repository: 'faults/denied-manifest',
    respond: () => (request) => (isManifestPush(request) ? registryError(403, 'DENIED', 'you may not') : undefined),
    code: 'push-denied',
    values: ['/manifests/sha256:', '403', 'DENIED: you may not'],
  },
  {
    name: 'denies the push with an HTML page',
    repository: 'faults/denied-page',
    respond: () => (request) => (isUpload(request) ? {status: 403, body: '<html>Forbidden</html>'} : undefined),
    code: 'push-denied',
    values: ['faults/denied-page', '403'],
  },
  {
    name: 'has a rate limit for pushes',
    repository: 'faults/limited',
    respond: () => (request) =>
      isManifestPush(request) ? registryError(429, 'TOOMANYREQUESTS', 'you have reached your limit') : undefined,
    inputs: {retries: '1'},
    code: 'rate-limited',
    values: ['/manifests/sha256:', '429', 'TOOMANYREQUESTS: you have reached your limit'],
  },
  {
    name: 'does not know the repository',
    repository: 'faults/unknown',
    respond: () => (request) =>
      isUpload(request) ? registryError(404, 'NAME_UNKNOWN', 'repository name not known to registry') : undefined,
    code: 'repository-missing',
    values: ['faults/unknown'],
  },
  {
    name: 'has lost the tags afterwards',
    repository: 'faults/vanished',
    respond: afterwards(() => registryError(404, 'MANIFEST_UNKNOWN', 'unknown')),
    code: 'publish-unverified',
    values: ['faults/vanished:1.2 does not exist', 'faults/vanished:latest does not exist'],
  },
  {
    name: 'has another digest in one tag afterwards',
    repository: 'faults/other',
    respond: afterwards(({path}) => (path.endsWith('/latest') ? {status: 200, body: '{}'} : undefined)),
    code: 'publish-unverified',
    // SHA-256 of `{}`.
    values: ['faults/other:latest points to sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'],
  },
]

describe('a run fails with cause and remedy if the registry', () => {
  test.each(faults)('$name', async ({repository, respond, inputs, ...expected}) => {
    expectFailure(await publishThrough(repository, respond(), {...(inputs && {inputs})}), expected)
  })

  test.each(faults.filter(({code}) => code !== 'publish-unverified'))(
    '$name: and nothing is tagged',
    async ({repository}) => {
      expect(await registry.tags(repository)).toEqual([])
    },
  )

  test('has a rate limit for pulls', async () => {
    await using relay = await startRelay(undefined, () =>
      registryError(429, 'TOOMANYREQUESTS', 'You have reached your pull rate limit.'),
    )
    await using base = await workspaceOf({Dockerfile: [`FROM ${relay.host}/library/base`, ...plainDockerfile.slice(1)]})
    await using step = await Step.prepare({
      event: 'push-tag',
      workspace: base.directory,
      inputs: {...publishTo(registry.host, login), images: `${registry.host}/faults/pull`},
    })
    expectFailure(await step.run(), {code: 'rate-limited', values: ['library/base', '429 Too Many Requests']})
    expect(await registry.tags('faults/pull')).toEqual([])
  })
})

describe('a registry that BuildKit pushes to', () => {
  test.each([
    {
      name: 'denies the push',
      repository: 'faults/builder-denied',
      answer: (request: RelayedRequest) =>
        isUpload(request) && isByBuilder(request) ? registryError(403, 'DENIED', 'you may not') : undefined,
      code: 'push-denied' as const,
      values: ['failed to push', 'denied: you may not', 'ended with code 1'],
    },
    {
      name: 'denies the push with an HTML page',
      repository: 'faults/builder-page',
      answer: (request: RelayedRequest) =>
        isUpload(request) && isByBuilder(request) ? {status: 403, body: '<html>Forbidden</html>'} : undefined,
      code: 'push-denied' as const,
      values: ['failed to push', '403 Forbidden'],
    },
    {
      name: 'has a rate limit',
      repository: 'faults/builder-limited',
      answer: (request: RelayedRequest) =>
        isManifestPush(request) ? registryError(429, 'TOOMANYREQUESTS', 'you have reached your limit') : undefined,
      code: 'rate-limited' as const,
      values: ['failed to push', 'toomanyrequests: you have reached your limit'],
    },
  ])('$name: the run fails, and nothing is tagged', async ({repository, answer, code, values}) => {
    await using builder = await startRemoteBuilder('faraway')
    const result = await publishThrough(repository, answer, {
      // The content of a reproducible image cannot be read from the builder.
      inputs: {builder: 'faraway', reproducible: 'true'},
      env: {DOCKER_CONFIG: builder.config},
    })
    expectFailure(result, {code, values})
    expect(await registry.tags(repository)).toEqual([])
  })
})

describe('a registry with a temporary failure', () => {
  test('gets another request, which is logged', async () => {
    const refused = new Set<string>()
    const result = await publishThrough('faults/unavailable', ({method, path, headers}) => {
      const request = `${method} ${path.replace(/\?.*$/, '')}`
      if (headers['user-agent'] !== 'tagboat' || !/latest|tags\/list/.test(path) || refused.has(request))
        return undefined
      refused.add(request)
      return registryError(503, 'UNAVAILABLE', 'later')
    })
    expect(result.exitCode).toBe(0)
    expect([...(await registry.tags('faults/unavailable'))].sort()).toEqual(tagNames)
    const lines = result.log.match(/^127\.0\.0\.1:\d+: \S+ \S+ failed \(503\); attempt 2 of 5 in .*$/gm) ?? []
    expect([...refused].sort()).toEqual(
      expect.arrayContaining(['GET /v2/faults/unavailable/tags/list', 'PUT /v2/faults/unavailable/manifests/latest']),
    )
    expect(lines).toHaveLength(refused.size)
  })

  test('forty refused tags have a line and a count', async () => {
    const refused = new Set<string>()
    const respond: Respond = ({method, path}) => {
      if (method !== 'PUT' || !/\/manifests\/t\d+$/.test(path) || refused.has(path)) return undefined
      refused.add(path)
      return {status: 429, headers: {'retry-after': '0'}}
    }
    const tags = Array.from({length: 40}, (_, index) => `t${index}`).join('\n')
    const {log, exitCode} = await publishThrough('faults/many', respond, {inputs: {tags}})
    expect(exitCode).toBe(0)
    const counts = [...log.matchAll(/PUT manifests: (\d+) more retr/g)].map(([, count]) => Number(count))
    expect(log.match(/PUT manifests\/\S+ failed \(429\)/g)).toHaveLength(1)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(39)
  })
})

describe('a registry that takes long', () => {
  /** Publishes through a relay that holds a request until the log has a line about it. */
  async function publishSlowly(
    repository: string,
    isHeld: (request: RelayedRequest) => boolean,
    line: RegExp,
  ): Promise<StepResult> {
    const prepared = Promise.withResolvers<Step>()
    await using relay = await startRelay(registry.host, async (request) => {
      if (isHeld(request)) await (await prepared.promise).printed(line)
      return undefined
    })
    await using step = await Step.prepare({
      event: 'push-tag',
      workspace: workspace.directory,
      inputs: {...publishTo(relay.host, login), images: `${relay.host}/${repository}`},
    })
    prepared.resolve(step)
    return await step.run()
  }

  test('shows how much of the layers is sent', async () => {
    const isHeld = ({method, path}: RelayedRequest): boolean => method === 'PUT' && path.includes('/blobs/uploads/')
    const line = /^127\.0\.0\.1:\d+: [\d.]+ [kM]?B of [\d.]+ [kM]?B sent, .*, 0 of \d+ layers stored$/m
    const {exitCode, log} = await publishSlowly('faults/slow-blobs', isHeld, line)
    expect(exitCode).toBe(0)
    expect(log).not.toContain('_state')
  })

  test('shows the request that it has not answered', async () => {
    const isHeld = ({method, path}: RelayedRequest): boolean => method === 'PUT' && path.endsWith('/manifests/latest')
    const line = /^127\.0\.0\.1:\d+: waiting for PUT manifests\/latest \(1\d s\)$/m
    expect((await publishSlowly('faults/slow-tag', isHeld, line)).exitCode).toBe(0)
  })
})

describe('a registry that cannot be read back', () => {
  const repository = 'faults/unreadable'

  test('fails the run, which reports the state of every tag', async () => {
    const respond = afterwards(() => registryError(503, 'UNAVAILABLE', 'later'))
    const result = await publishThrough(repository, respond(), {inputs: {retries: '0'}})
    expectFailure(result, {
      code: 'registry-failed',
      values: ['503', ...tagNames.map((tag) => `${repository}:${tag}`)],
      pushed: true,
    })
    expect([...(await registry.tags(repository))].sort()).toEqual(tagNames)
  })

  test('and the next run finds all tags', async () => {
    const {exitCode, log} = await publishThrough(repository, () => undefined)
    expect(exitCode).toBe(0)
    expect(log).not.toContain('::group::docker buildx build')
  })
})
