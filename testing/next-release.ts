import {httpClient} from '../src/io/http.ts'
import {Secret} from '../src/errors/secret.ts'
import {factKeys} from '../src/oci/image-facts.ts'
import type {RepositoryClient} from '../src/registry/repository-client.ts'
import {makeImage, type TestImage} from './memory-registry.ts'
import {inChunks, testClients, type TestClients} from './registry-client.ts'
import type {Credentials} from './sample.ts'

/** Floating tags of release 1.2.2, which release 1.2.3 of the fixture `push-tag` moves. */
export const floatingTags = ['1', '1.2', 'latest']
export const newTags = ['1.2.3', 'sha-6113728']
export const oldTags = ['1.2.2', 'sha-aaaaaaa']

const newRevision = '6113728f27ae82c7b1a177c8d03f9e96e0adf246'

/** Index with a single platform: a copy sends all kinds of requests, and few of them twice. */
export const shape = {platforms: ['linux/amd64'], index: true}
export const older = makeImage({...shape, text: 'older', labels: {[factKeys.revision]: 'a'.repeat(40)}})
export const newer = makeImage({...shape, text: 'newer', labels: {[factKeys.revision]: newRevision}})

/** Digests by tag. */
export type Heads = Readonly<Record<string, string>>

/** Registry clients without a relay. */
export function directClients({username, password}: Credentials): TestClients {
  return testClients(httpClient(new AbortController().signal, {}), {
    credentials: async () => Promise.resolve({kind: 'basic', username, password: new Secret(password)}),
  })
}

export async function store(client: RepositoryClient, image: TestImage, tags: readonly string[] = []): Promise<void> {
  await Promise.all(
    [...image.blobs].map(async ([digest, bytes]) =>
      client.uploadBlob({digest, sizeBytes: bytes.byteLength}, () => inChunks(bytes)),
    ),
  )
  for (const manifest of image.manifests) await client.putManifest(manifest.digest, manifest)
  await Promise.all(tags.map(async (tag) => client.putManifest(tag, image)))
}

/** Stores the earlier release. */
export async function storeOlder(client: RepositoryClient): Promise<void> {
  await store(client, older, [...oldTags, ...floatingTags])
}

/** Digests of all tags. */
export async function headsOf(client: RepositoryClient): Promise<Heads> {
  const tags = await client.tags()
  const found = await Promise.all(
    tags.map(async (tag) => [tag, (await client.head(tag))?.digest ?? 'nothing'] as const),
  )
  return Object.fromEntries(found)
}

export function pointing(tags: readonly string[], digest: string): Heads {
  return Object.fromEntries(tags.map((tag) => [tag, digest]))
}

/** Expected digests before the new release, after it, or with only its exact tags. */
export function headsWhen(state: 'old' | 'new' | 'exact', digest: string): Heads {
  return {
    ...pointing(oldTags, older.digest),
    ...pointing(floatingTags, state === 'new' ? digest : older.digest),
    ...(state === 'old' ? {} : pointing(newTags, digest)),
  }
}
