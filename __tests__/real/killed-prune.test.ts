import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {httpClient} from '../../src/io/http.ts'
import {manifestParts} from '../../src/oci/manifest.ts'
import {referrersTag} from '../../src/oci/referrers-tag.ts'
import type {RepositoryClient} from '../../src/registry/repository-client.ts'
import {enlistReferrers} from '../../src/registry/signatures/enlist-referrers.ts'
import {makeImage, makeReferrer} from '../../testing/memory-registry.ts'
import {headsOf, store, type Heads} from '../../testing/next-release.ts'
import {testClients, type TestClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRelay} from '../../testing/relay.ts'
import {Step} from '../../testing/runner.ts'
import {workspaceOf, type Workspace} from '../../testing/workspace.ts'

const platforms = ['linux/amd64', 'linux/arm64']

/** The registry states no age. */
const dated = {'org.opencontainers.image.created': '2026-01-02T03:04:05Z'}

/** Kept image; `pr-1` and `pr-2` are further tags of it, which are removed alone. */
const kept = makeImage({platforms, attestations: true, text: 'kept', annotations: dated})
/** Deleted index with the same platforms as the kept one. */
const sibling = makeImage({platforms, attestations: true, text: 'kept', annotations: {...dated, of: 'pr-3'}})
const old = makeImage({platforms, text: 'old', annotations: dated})
const single = makeImage({text: 'single', annotations: dated})
const keptTags = ['1.2.3', 'latest', referrersTag(kept.digest)].sort()

let registry: Registry
let clients: TestClients
let workspace: Workspace

beforeAll(async () => {
  ;[registry, workspace] = await Promise.all([startRegistry(), workspaceOf({})])
  clients = testClients(httpClient(new AbortController().signal, {}))
})

afterAll(async () => {
  clients[Symbol.dispose]()
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

async function prepare(name: string): Promise<RepositoryClient> {
  const client = clients.of(registry.host, name)
  await store(client, kept, ['1.2.3', 'latest', 'pr-1', 'pr-2'])
  await store(client, sibling, ['pr-3'])
  await store(client, old, ['pr-4'])
  await store(client, single, ['pr-5'])
  for (const subject of [kept, old]) {
    const referrer = makeReferrer(subject, 'application/example', '', dated)
    await store(client, referrer)
    await enlistReferrers(subject.digest, [referrer], client)
  }
  return client
}

interface Killed {
  /** Whether the action ended by itself. */
  readonly isOver: boolean
  /** Number of requests that changed the registry. */
  readonly changes: number
}

/** Runs the action, and kills it when it sends another change after this number of them. */
async function runUntil(name: string, most: number): Promise<Killed> {
  let changes = 0
  const never = new Promise<undefined>(() => undefined)
  await using relay = await startRelay(registry.host, async ({method}) => {
    if (method !== 'PUT' && method !== 'DELETE') return undefined
    if (changes === most) {
      step.kill('SIGKILL')
      return never
    }
    changes += 1
    return undefined
  })
  await using step = await Step.prepare({
    action: 'prune',
    event: 'schedule',
    workspace: workspace.directory,
    inputs: {
      images: `${relay.host}/${name}`,
      'delete-tags': 'pr-*',
      'delete-orphaned-images': 'true',
      'dry-run': 'false',
    },
  })
  const {exitCode, signal, log} = await step.main()
  // The registry completes the requests that it has received.
  await sleep(100)
  if (exitCode !== 0 && signal !== 'SIGKILL') throw new Error(log)
  return {isOver: exitCode === 0, changes}
}

/** Digests that a tag needs and that do not exist. */
async function lacking(client: RepositoryClient, digest: string): Promise<readonly string[]> {
  const content = await clients.of(registry.host, client.repository.path).manifest(digest)
  if (content === undefined || (await client.head(digest)) === undefined) return [digest]
  const parts = manifestParts(content.bytes)?.manifests ?? []
  return (await Promise.all(parts.map(async (part) => lacking(client, part.digest)))).flat()
}

interface Moment {
  readonly killed: Killed
  readonly heads: Heads
  readonly lacking: readonly string[]
}

async function look(client: RepositoryClient, killed: Killed): Promise<Moment> {
  const heads = await headsOf(client)
  const missing = await Promise.all(Object.values(heads).map(async (digest) => lacking(client, digest)))
  return {killed, heads, lacking: missing.flat()}
}

describe('a deletion that is killed after each of its changes', () => {
  const moments: Moment[] = []
  const repaired: Moment[] = []

  beforeAll(async () => {
    for (let most = 0; moments.at(-1)?.killed.isOver !== true; most += 1) {
      const client = await prepare(`killed/n${most}`)
      moments.push(await look(client, await runUntil(client.repository.path, most)))
      repaired.push(await look(client, await runUntil(client.repository.path, Infinity)))
    }
  }, 600_000)

  test('has several changes, of which each was the last one once', () => {
    // Four images and two tags; two requests for each tag.
    expect(moments.length).toBeGreaterThan(8)
    expect(moments.map(({killed}) => killed.changes)).toEqual(
      moments
        .map((_, index) => index)
        .slice(0, -1)
        .concat(moments.length - 1),
    )
    expect(moments.filter(({killed}) => killed.isOver)).toHaveLength(1)
  })

  test('leaves each tag with all that it needs', () => {
    for (const {killed, heads, lacking: missing} of [...moments, ...repaired])
      expect({killed, heads, missing}).toEqual({killed, heads, missing: []})
  })

  test('leaves the tags that stay', () => {
    for (const {heads} of [...moments, ...repaired]) {
      expect(heads).toMatchObject({'1.2.3': kept.digest, latest: kept.digest})
      expect(Object.keys(heads)).toContain(referrersTag(kept.digest))
    }
  })

  test('is completed by the next run', () => {
    for (const [after, {heads, killed}] of repaired.entries()) {
      expect({after, isOver: killed.isOver, tags: Object.keys(heads).sort()}).toEqual({
        after,
        isOver: true,
        tags: keptTags,
      })
    }
  })
})
