import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {startRegistry, type Registry} from '../support/registry.ts'
import {registryError, startRelay, type RelayedRequest, type Respond} from '../support/relay.ts'
import {Step, type StepResult} from '../support/runner.ts'
import {expectFailure, type ExpectedFailure} from '../support/failure.ts'
import {publishTo} from '../support/sample.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../support/workspace.ts'

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

/** Publishes to a repository of its own through a relay that answers in this way. */
async function publishThrough(repository: string, respond: Respond): Promise<StepResult> {
  await using relay = await startRelay(registry.host, respond)
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {...publishTo(relay.host, login), images: `${relay.host}/${repository}`},
  })
  return await step.run()
}

function isUpload({method, path}: RelayedRequest): boolean {
  return method === 'POST' && path.includes('/blobs/uploads')
}

function isTagPush({method, path}: RelayedRequest): boolean {
  return method === 'PUT' && path.includes('/manifests/')
}

function isReadBack({headers}: RelayedRequest): boolean {
  return headers['user-agent'] === 'tagboat'
}

interface Fault extends ExpectedFailure {
  readonly name: string
  readonly repository: string
  readonly respond: Respond
}

const faults: readonly Fault[] = [
  {
    name: 'denies the push',
    repository: 'faults/denied',
    respond: (request) => (isUpload(request) ? registryError(403, 'DENIED', 'you may not') : undefined),
    code: 'push-denied',
    says: ['failed to push', 'denied: you may not', 'docker buildx build ended with code 1'],
  },
  {
    name: 'denies the manifest alone',
    repository: 'faults/denied-manifest',
    respond: (request) => (isTagPush(request) ? registryError(403, 'DENIED', 'you may not') : undefined),
    code: 'push-denied',
    says: ['failed to push', 'denied: you may not'],
  },
  {
    name: 'denies the push in a page',
    repository: 'faults/denied-page',
    respond: (request) => (isUpload(request) ? {status: 403, body: '<html>Forbidden</html>'} : undefined),
    code: 'push-denied',
    says: ['failed to push', '403 Forbidden'],
  },
  {
    name: 'has a rate limit for pushes',
    repository: 'faults/limited',
    respond: (request) =>
      isTagPush(request) ? registryError(429, 'TOOMANYREQUESTS', 'you have reached your limit') : undefined,
    code: 'rate-limited',
    says: ['failed to push', 'toomanyrequests: you have reached your limit'],
  },
  {
    name: 'does not know the repository',
    repository: 'faults/unknown',
    respond: (request) =>
      isUpload(request) ? registryError(404, 'NAME_UNKNOWN', 'repository name not known to registry') : undefined,
    code: 'repository-missing',
    says: ['faults/unknown'],
  },
  {
    name: 'has nothing under the tags afterwards',
    repository: 'faults/vanished',
    respond: (request) =>
      isReadBack(request) && request.headers.authorization !== undefined
        ? registryError(404, 'MANIFEST_UNKNOWN', 'unknown')
        : undefined,
    code: 'publish-unverified',
    says: ['faults/vanished:1.2.3 holds nothing', 'faults/vanished:latest holds nothing'],
  },
  {
    name: 'has something else under one tag afterwards',
    repository: 'faults/other',
    respond: (request) =>
      isReadBack(request) && request.path.endsWith('/manifests/latest') && request.headers.authorization !== undefined
        ? {status: 200, body: '{}'}
        : undefined,
    code: 'publish-unverified',
    // SHA-256 of `{}`.
    says: ['faults/other:latest holds sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'],
  },
]

describe('a run fails, says why and what to do, when the registry', () => {
  test.each(faults)('$name', async ({repository, respond, ...expected}) => {
    expectFailure(await publishThrough(repository, respond), expected)
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
    expectFailure(await step.run(), {code: 'rate-limited', says: ['library/base', '429 Too Many Requests']})
    expect(await registry.tags('faults/pull')).toEqual([])
  })
})

describe('a registry that cannot be read back', () => {
  test('is published to all the same, with a warning for each reference', async () => {
    const result = await publishThrough('faults/unreadable', (request) =>
      isReadBack(request) ? registryError(503, 'UNAVAILABLE', 'later') : undefined,
    )
    expect(result.exitCode).toBe(0)
    expect(result.outputs.get('pushed')).toBe('true')
    expect(result.log.match(/^::warning::.*could not be read back: .*503.*$/gm)).toHaveLength(tagNames.length)
    expect(result.summary.match(/pushed, not read back: .*503/g)).toHaveLength(tagNames.length)
    expect([...(await registry.tags('faults/unreadable'))].sort()).toEqual(tagNames)
  })
})
