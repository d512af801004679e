import {httpClient} from '../src/io/http.ts'
import {Secret} from '../src/errors/secret.ts'
import {factKeys} from '../src/oci/image-facts.ts'
import type {RepositoryClient} from '../src/registry/repository-client.ts'
import {makeImage, type MadeImage} from './memory-registry.ts'
import {inPieces, testClients, type TestClients} from './registry-client.ts'
import type {Credentials} from './sample.ts'

/** A registry where release 1.2.2 is, and where 1.2.3 of the fixture `push-tag` is to come. */
export const floatingTags = ['1', '1.2', 'latest']
export const newTags = ['1.2.3', 'sha-6113728']
export const oldTags = ['1.2.2', 'sha-aaaaaaa']

const newRevision = '6113728f27ae82c7b1a177c8d03f9e96e0adf246'

/** An index, and as little as can be below it: every request is made, and few are made twice. */
export const shape = {platforms: ['linux/amd64'], index: true}
export const older = makeImage({...shape, text: 'older', labels: {[factKeys.revision]: 'a'.repeat(40)}})
export const newer = makeImage({...shape, text: 'newer', labels: {[factKeys.revision]: newRevision}})

/** Digests by tag. */
export type Heads = Readonly<Record<string, string>>

/** Clients without a door in between. */
export function directClients({username, password}: Credentials): TestClients {
  return testClients(httpClient(new AbortController().signal, {}), {
    credentials: async () => Promise.resolve({kind: 'basic', username, password: new Secret(password)}),
  })
}

export async function store(client: RepositoryClient, image: MadeImage, tags: readonly string[] = []): Promise<void> {
  await Promise.all(
    [...image.blobs].map(async ([digest, bytes]) =>
      client.uploadBlob({digest, sizeBytes: bytes.byteLength}, () => inPieces(bytes)),
    ),
  )
  for (const manifest of image.manifests) await client.putManifest(manifest.digest, manifest)
  await Promise.all(tags.map(async (tag) => client.putManifest(tag, image)))
}

/** The release that is there before. */
export async function storeOlder(client: RepositoryClient): Promise<void> {
  await store(client, older, [...oldTags, ...floatingTags])
}

/** What all tags hold. */
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

/** Before the new release, after it, or with its exact tags alone. */
export function headsWhen(state: 'old' | 'new' | 'exact', digest: string): Heads {
  return {
    ...pointing(oldTags, older.digest),
    ...pointing(floatingTags, state === 'new' ? digest : older.digest),
    ...(state === 'old' ? {} : pointing(newTags, digest)),
  }
}
