import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {prune} from '../../src/commands/prune/prune.ts'
import type {ErrorCode} from '../../src/errors/causes.ts'
import {httpClient, type Http, type HttpRequest} from '../../src/io/http.ts'
import {manifestParts} from '../../src/oci/manifest.ts'
import type {RepositoryClient} from '../../src/registry/repository-client.ts'
import {runCommand} from '../../testing/command-run.ts'
import {faults, retryAfterMs, startFaultRelay, type FaultName, type FaultPlan} from '../../testing/fault-relay.ts'
import {makeImage} from '../../testing/memory-registry.ts'
import {directClients, headsOf, store, type Heads} from '../../testing/next-release.ts'
import type {TestClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import type {RelayedRequest} from '../../testing/relay.ts'
import {publishTo} from '../../testing/sample.ts'
import {startTokenServer, type TokenServer} from '../../testing/token-server.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
const platforms = ['linux/amd64', 'linux/arm64']
const dated = {'org.opencontainers.image.created': '2025-01-02T03:04:05Z'}
const kept = makeImage({platforms, text: 'kept', annotations: dated})
const old = makeImage({platforms, text: 'old', annotations: dated})
const keptTags = {latest: kept.digest}

/** End of a run in which all requests of a class fail: the code of its error; undefined if it succeeds. */
type Ending = (fault: FaultName) => ErrorCode | undefined

interface RequestClass {
  readonly name: string
  readonly matches: FaultPlan['matches']
  readonly ending: Ending
}

const isDigest = (path: string): boolean => path.includes('/manifests/sha256:')
const isManifest = (request: RelayedRequest, method: string): boolean =>
  request.method === method && request.path.includes('/manifests/')

const isRateLimit = (fault: FaultName): boolean => fault.startsWith('429')

/** Error of a list that cannot be read. */
const listEnding: Ending = (fault) => {
  if (fault === 'expired token') return 'tags-unlisted'
  if (faults[fault].kind !== 'answer') return 'registry-unreachable'
  return isRateLimit(fault) ? 'rate-limited' : 'registry-failed'
}

/** Error of manifests that cannot be read. */
const contentEnding: Ending = (fault) => (isRateLimit(fault) ? 'rate-limited' : 'prune-unreadable')

/** Error if no tag can be read again before the deletions. A rate limit ends the run without one. */
const glanceEnding: Ending = (fault) => {
  if (fault === 'expired token') return 'pull-denied'
  if (faults[fault].kind !== 'answer') return 'registry-unreachable'
  return isRateLimit(fault) ? undefined : 'registry-failed'
}

/** Error if one of two deletions always fails. */
const deletionEnding: Ending = (fault) => (isRateLimit(fault) ? undefined : 'prune-incomplete')

/** Error if the answer to a PUT is always lost: the tag shows that it had its effect. */
const putEnding: Ending = (fault) =>
  fault === 'reset during the answer' || fault === 'cut body' ? undefined : deletionEnding(fault)

const classes: readonly RequestClass[] = [
  {name: 'tag list', matches: ({path}) => path.includes('/tags/list'), ending: listEnding},
  {name: 'manifest GET', matches: (request) => isManifest(request, 'GET'), ending: contentEnding},
  {name: 'manifest HEAD', matches: (request) => isManifest(request, 'HEAD'), ending: glanceEnding},
  {
    name: 'DELETE of an image',
    matches: (request) => isManifest(request, 'DELETE') && request.path.endsWith(old.digest),
    ending: deletionEnding,
  },
  {
    name: 'DELETE of a copy, which does not exist yet',
    matches: (request) => isManifest(request, 'DELETE') && isDigest(request.path) && !request.path.endsWith(old.digest),
    ending: deletionEnding,
  },
  {
    name: 'DELETE of a copy',
    matches: (request, earlier) =>
      isManifest(request, 'DELETE') && isDigest(request.path) && earlier.some(({method}) => method === 'PUT'),
    ending: deletionEnding,
  },
  {
    name: 'PUT of a copy',
    matches: (request) => isManifest(request, 'PUT'),
    ending: putEnding,
  },
]

interface Outcome {
  readonly hits: number
  readonly failure: ErrorCode | undefined
  readonly longestWaitMs: number
  readonly heads: Heads
  readonly lacking: readonly string[]
}

let tokens: TokenServer
let registry: Registry
let clients: TestClients

beforeAll(async () => {
  tokens = await startTokenServer({users: {[login.username]: login.password}})
  registry = await startRegistry({token: tokens})
  clients = directClients(login)
})

afterAll(async () => {
  clients[Symbol.dispose]()
  await registry.stop()
  await tokens.stop()
})

/** Digests that a tag needs and that do not exist. */
async function lacking(client: RepositoryClient, digest: string): Promise<readonly string[]> {
  const content = await client.manifest(digest)
  if (content === undefined || (await client.head(digest)) === undefined) return [digest]
  const parts = manifestParts(content.bytes)?.manifests ?? []
  return (await Promise.all(parts.map(async (part) => lacking(client, part.digest)))).flat()
}

/** Deletes the image of `pr-1`, and the tag `pr-2` of a kept image. */
async function run(path: string, plan: FaultPlan): Promise<Outcome> {
  await using relay = await startFaultRelay({registry, tokens}, plan)
  let longestWaitMs = 0
  const {failure} = await runCommand(prune, {
    builds: false,
    event: 'schedule',
    inputs: {
      ...publishTo(relay.host, login),
      images: `${relay.host}/${path}`,
      'delete-tags': 'pr-*',
      'dry-run': 'false',
      retries: '2',
    },
    http: (until) => {
      const isHung = ({method, url: {pathname, search}}: HttpRequest): boolean =>
        plan.fault === 'hang' &&
        relay.hits() < plan.times &&
        plan.matches({method, path: pathname + search, headers: {}}, relay.requests)
      return withShortTimeout(httpClient(until, {}), isHung)
    },
    timer: () => ({
      sleep: async (ms) => {
        longestWaitMs = Math.max(longestWaitMs, ms)
        return Promise.resolve()
      },
      random: () => 0.5,
    }),
  })
  const client = clients.of(registry.host, path)
  const heads = await headsOf(client)
  const missing = await Promise.all(Object.values(heads).map(async (digest) => lacking(client, digest)))
  return {hits: relay.hits(), failure: failure?.code, longestWaitMs, heads, lacking: missing.flat()}
}

function withShortTimeout(client: Http, isHung: (request: HttpRequest) => boolean): Http {
  const shorten = (request: HttpRequest): HttpRequest => (isHung(request) ? {...request, timeoutMs: 500} : request)
  return {
    send: async (request) => client.send(shorten(request)),
    open: async (request) => client.open(shorten(request)),
    [Symbol.dispose]: () => {
      client[Symbol.dispose]()
    },
  }
}

const never: FaultPlan = {fault: '500', matches: () => false, times: 0}
let count = 0

async function prepared(): Promise<string> {
  count += 1
  const path = `faults/n${count}`
  const client = clients.of(registry.host, path)
  await store(client, kept, ['latest', 'pr-2'])
  await store(client, old, ['pr-1'])
  return path
}

const faultNames = Object.keys(faults) as FaultName[]
const rows = classes.flatMap((one) => faultNames.map((fault) => ({...one, fault})))

describe('a fault of one request', () => {
  test.each(rows)('$name, $fault: everything is deleted', async ({matches, fault}) => {
    const {
      hits,
      failure,
      heads,
      lacking: missing,
      longestWaitMs,
    } = await run(await prepared(), {
      fault,
      matches,
      times: 1,
    })
    expect({hits, failure, heads, missing}).toEqual({hits: 1, failure: undefined, heads: keptTags, missing: []})
    if (fault === '429 with Retry-After') expect(longestWaitMs).toBeGreaterThanOrEqual(retryAfterMs)
  })
})

describe('a fault of all requests', () => {
  test.each(rows)('$name, $fault: what stays is whole, and the next run completes it', async (row) => {
    const {matches, fault, ending} = row
    const path = await prepared()
    const first = await run(path, {fault, matches, times: Infinity})
    expect(first.hits).toBeGreaterThan(0)
    expect({failure: first.failure, missing: first.lacking}).toEqual({failure: ending(fault), missing: []})
    expect(first.heads).toMatchObject(keptTags)
    const {failure, heads, lacking: missing} = await run(path, never)
    expect({failure, heads, missing}).toEqual({failure: undefined, heads: keptTags, missing: []})
  })
})

describe('a stale list', () => {
  test('changes nothing else', async () => {
    const path = await prepared()
    const tags = ['gone', 'latest', 'pr-0', 'pr-1', 'pr-2']
    const body = JSON.stringify({name: path, tags})
    const stale: FaultPlan = {
      ...never,
      answer: ({path: requested}) => (requested.includes('/tags/list') ? {status: 200, body} : undefined),
    }
    const {failure, heads, lacking: missing} = await run(path, stale)
    expect({failure, heads, missing}).toEqual({failure: undefined, heads: keptTags, missing: []})
  })
})
