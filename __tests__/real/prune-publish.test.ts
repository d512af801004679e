import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {promote} from '../../src/commands/promote.ts'
import {Secret} from '../../src/errors/secret.ts'
import {httpClient} from '../../src/io/http.ts'
import {manifestParts} from '../../src/oci/manifest.ts'
import type {RegistryCredentials} from '../../src/registry/auth/credentials.ts'
import type {RepositoryClient} from '../../src/registry/repository-client.ts'
import {runCommand} from '../../testing/command-run.ts'
import {makeImage} from '../../testing/memory-registry.ts'
import {
  directClients,
  headsOf,
  headsWhen,
  newer,
  shape,
  store,
  storeOlder,
  type Heads,
} from '../../testing/next-release.ts'
import {pruneTags} from '../../testing/oci-prune.ts'
import {testClients, type TestClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {times} from '../../testing/rounds.ts'
import {publishTo} from '../../testing/sample.ts'
import {seeded} from '../../testing/seeded.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
const loggedIn = async (): Promise<RegistryCredentials> =>
  Promise.resolve({kind: 'basic', username: login.username, password: new Secret(login.password)})
const rounds = times(20)
/** Longest time by which one run starts before the other. */
const leadMs = 120

/** Waits of real time: the registry answers 500 while a tag that it reads is written. */
const timer = {sleep: async () => sleep(50), random: () => 0.5, now: () => new Date()}

let registry: Registry
let clients: TestClients

beforeAll(async () => {
  registry = await startRegistry({login})
  clients = directClients(login)
})

afterAll(async () => {
  clients[Symbol.dispose]()
  await registry.stop()
})

/** Digests that a tag needs and that do not exist. */
async function lacking(client: RepositoryClient, digest: string): Promise<readonly string[]> {
  const content = await client.manifest(digest)
  if (content === undefined || (await client.head(digest)) === undefined) return [digest]
  const parts = manifestParts(content.bytes)?.manifests ?? []
  return (await Promise.all(parts.map(async (part) => lacking(client, part.digest)))).flat()
}

interface Round {
  readonly failures: readonly unknown[]
  readonly heads: Heads
  readonly lacking: readonly string[]
}

/**
 * Publishes release 1.2.3 while images and tags of pull requests are deleted: one has the platform of the new release, and
 * one is another tag of the release before.
 */
async function publishDuring(path: string, delays: {readonly promote: number; readonly prune: number}): Promise<Round> {
  const client = clients.of(registry.host, path)
  await storeOlder(client)
  await store(client, newer)
  await store(client, {...newer, ...makeImage({...shape, text: 'newer', annotations: {of: 'pr-1'}})}, ['pr-1'])
  await client.putManifest('pr-2', await manifestOf(client, 'latest'))
  for (const tag of ['pr-3', 'pr-4', 'pr-5']) await store(client, makeImage({text: tag}), [tag])
  const publishing = async (): Promise<unknown> => {
    await sleep(delays.promote)
    const {failure} = await runCommand(promote, {
      builds: false,
      image: shape,
      inputs: {...publishTo(registry.host, login), images: `${registry.host}/${path}`, digests: newer.digest},
      http: (until) => httpClient(until, {}),
      timer: () => timer,
    })
    return failure
  }
  const pruning = async (): Promise<unknown> => {
    await sleep(delays.prune)
    using own = testClients(httpClient(new AbortController().signal, {}), {credentials: loggedIn, timer})
    return (await pruneTags({clients: own, host: registry.host, path, deletes: (tag) => tag.startsWith('pr-')})).failure
  }
  const failures = await Promise.all([publishing(), pruning()])
  const heads = await headsOf(client)
  const missing = await Promise.all(Object.values(heads).map(async (digest) => lacking(client, digest)))
  return {failures, heads, lacking: missing.flat()}
}

async function manifestOf(
  client: RepositoryClient,
  tag: string,
): Promise<NonNullable<Awaited<ReturnType<RepositoryClient['manifest']>>>> {
  const content = await client.manifest(tag)
  if (content === undefined) throw new Error(`no ${tag}`)
  return content
}

describe('a release that is published while others are deleted', () => {
  test(`loses no tag in ${rounds} rounds`, async () => {
    const random = seeded(20_261_130)
    for (let round = 0; round < rounds; round += 1) {
      const delays = {promote: random() * leadMs, prune: random() * leadMs}
      const result = await publishDuring(`rounds/n${round}`, delays)
      expect({delays, ...result}).toEqual({
        delays,
        failures: [undefined, undefined],
        heads: headsWhen('new', newer.digest),
        lacking: [],
      })
    }
  }, 600_000)
})
