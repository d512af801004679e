import {createHash, randomBytes} from 'node:crypto'
import type {Http} from '../src/io/http.ts'
import {secretKeeper} from '../src/errors/known-secrets.ts'
import type {Digest} from '../src/oci/digest.ts'
import type {Repository} from '../src/oci/reference.ts'
import type {Activity} from '../src/registry/registry-request.ts'
import {registryClients, type HostClients, type RegistryOptions} from '../src/registry/client.ts'
import type {BlobDescriptor, RepositoryClient} from '../src/registry/repository-client.ts'
import type {TestImage} from './memory-registry.ts'

/** Registry clients that record their retries. */
export interface TestClients extends HostClients {
  /** Log line of each retry. */
  readonly lines: readonly string[]
  /** Duration of each wait in milliseconds, although no time passes. */
  readonly waits: readonly number[]
  of(host: string, path: string): RepositoryClient
}

/** Creates clients whose waits have the maximum duration but take no time. Default: no credentials. */
export function testClients(http: Http, options: Partial<RegistryOptions> = {}): TestClients {
  const lines: string[] = []
  const waits: number[] = []
  const clients = registryClients({
    http,
    credentials: async () => Promise.resolve(undefined),
    timer: {
      sleep: async (ms) => {
        waits.push(ms)
        return Promise.resolve()
      },
      random: () => 1,
      now: () => new Date('2026-01-02T03:04:05Z'),
    },
    activity: activityOf((line) => lines.push(line)),
    secrets: secretKeeper(),
    signal: new AbortController().signal,
    ...options,
  })
  return {
    lines,
    waits,
    repository: (repository: Repository) => clients.repository(repository),
    host: (host) => clients.host(host),
    of: (host, path) => clients.repository({host, path}),
    scheme: async (host) => clients.scheme(host),
    [Symbol.dispose]: () => {
      clients[Symbol.dispose]()
    },
  }
}

/** Observer that reports only retries. */
export function activityOf(onRetry: (line: string) => void): Activity {
  const nothing = (): void => undefined
  const transfers = {expect: nothing, sent: nothing, has: nothing, failed: nothing}
  return {transfers, request: () => nothing, retry: onRetry}
}

/** Blob with its digest. */
export interface TestBlob extends BlobDescriptor {
  readonly bytes: Buffer
  /** Opens a stream of chunks of 64 KiB, as for a file. */
  readonly open: () => AsyncIterable<Uint8Array>
}

export function testBlob(bytes: Buffer): TestBlob {
  const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  return {digest, sizeBytes: bytes.byteLength, bytes, open: () => inChunks(bytes)}
}

export function randomBlob(sizeBytes: number): TestBlob {
  return testBlob(randomBytes(sizeBytes))
}

export async function* inChunks(bytes: Buffer, chunkBytes = 65_536): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.byteLength; start += chunkBytes) {
    yield await Promise.resolve(bytes.subarray(start, start + chunkBytes))
  }
}

export async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Pushes an image by its digests, without a tag. */
export async function pushImage(client: RepositoryClient, {blobs, manifests}: TestImage): Promise<void> {
  for (const [digest, bytes] of blobs) await client.uploadBlob({digest, sizeBytes: bytes.length}, () => inChunks(bytes))
  for (const manifest of manifests) await client.putManifest(manifest.digest, manifest)
}
