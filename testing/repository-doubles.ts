import {TagboatError} from '../src/errors/error.ts'
import {digestOf, isDigest, type Digest} from '../src/oci/digest.ts'
import {
  manifestParts,
  field,
  parseDescriptor,
  parseJson,
  type Descriptor,
  type ManifestContent,
} from '../src/oci/manifest.ts'
import {formatRepository, parseRepository, type Repository} from '../src/oci/reference.ts'
import type {RepositoryClient} from '../src/registry/repository-client.ts'
import type {TestImage} from './memory-registry/images.ts'

/** Repository in memory that accepts and refuses the same content as a registry. */
export interface RepositoryDouble extends RepositoryClient {
  readonly blobs: Map<Digest, Buffer>
  /** Manifests by digest and by tag. */
  readonly manifests: Map<string, ManifestContent>
}

/** Hook that is called before each call. It may throw. */
export type BeforeCall = (call: string) => void | Promise<void>

export interface RepositoryDoublesOptions {
  readonly beforeCall?: BeforeCall
  /** Whether blobs can be mounted. Default: true. */
  readonly mounts?: boolean
  /** Whether registries have the referrers API. Default: true. */
  readonly referrersApi?: boolean
}

/** Repositories of any number of registries, with a common log of calls such as `host/path PUT sha256:…`. */
export interface RepositoryDoubles {
  readonly calls: readonly string[]
  repository(name: string): RepositoryDouble
}

export function repositoryDoubles(options: RepositoryDoublesOptions = {}): RepositoryDoubles {
  const calls: string[] = []
  const all = new Map<string, RepositoryDouble>()
  const repository = (name: string): RepositoryDouble => {
    const found = all.get(name) ?? double(name, calls, {...options, sibling: repository})
    all.set(name, found)
    return found
  }
  return {calls, repository}
}

/** Stores an image in a repository. */
export function storeImage({blobs, manifests}: RepositoryDouble, image: Pick<TestImage, 'blobs' | 'manifests'>): void {
  for (const [digest, bytes] of image.blobs) blobs.set(digest, bytes)
  for (const manifest of image.manifests) manifests.set(manifest.digest, manifest)
}

interface DoubleOptions extends RepositoryDoublesOptions {
  readonly sibling: (name: string) => RepositoryDouble
}

function double(
  name: string,
  calls: string[],
  {beforeCall, mounts = true, referrersApi = true, sibling}: DoubleOptions,
): RepositoryDouble {
  const parsed = parseRepository(name)
  if (!parsed.ok) throw new Error(parsed.reason)
  const repository: Repository = parsed.value
  const blobs = new Map<Digest, Buffer>()
  const manifests = new Map<string, ManifestContent>()
  const call = async (text: string): Promise<void> => {
    calls.push(`${name} ${text}`)
    await beforeCall?.(`${name} ${text}`)
  }
  return {
    repository,
    blobs,
    manifests,
    checkPush: async (time) => {
      // Only Quay gets a request before the first push.
      if (time !== 'before-push') await call(`check ${time}`)
      return {isKnown: true, lockedTags: [], cancelled: Promise.resolve()}
    },
    tags: async () => Promise.resolve([...manifests.keys()].filter((key) => !isDigest(key))),
    head: async (reference) => {
      await call(`HEAD ${reference}`)
      const found = manifests.get(reference)
      return found && {digest: found.digest, mediaType: found.mediaType, sizeBytes: found.bytes.length}
    },
    manifest: async (reference) => {
      await call(`GET ${reference}`)
      return manifests.get(reference)
    },
    putManifest: async (reference, content, proceed) => {
      if (proceed !== undefined && !(await proceed())) return false
      await call(`PUT ${reference}`)
      requireContent(content, blobs, manifests)
      manifests.set(reference, content)
      manifests.set(content.digest, content)
      return true
    },
    deleteManifest: async (reference, proceed) => {
      if (proceed !== undefined && !(await proceed())) return false
      manifests.delete(reference)
      return true
    },
    expectBlobs: () => undefined,
    hasBlob: async ({digest}) => {
      await call(`has ${digest}`)
      return blobs.has(digest)
    },
    readBlob: async function* ({digest}) {
      await call(`read ${digest}`)
      const bytes = blobs.get(digest)
      if (bytes === undefined) throw new TagboatError('registry-failed', {evidence: [digest], isAbsent: true})
      yield bytes
    },
    mountBlob: async ({digest}, from) => {
      await call(`mount ${digest} from ${from.path}`)
      const bytes = sibling(formatRepository(from)).blobs.get(digest)
      if (!mounts || from.host !== repository.host || bytes === undefined) return false
      blobs.set(digest, bytes)
      return true
    },
    beginUploads: (count) => {
      calls.push(`${name} begin ${count} uploads`)
    },
    endUploads: async () => call('end uploads'),
    uploadBlob: async ({digest}, open) => {
      await call(`upload ${digest}`)
      const chunks: Uint8Array[] = []
      for await (const chunk of open()) chunks.push(chunk)
      const bytes = Buffer.concat(chunks)
      if (digestOf(bytes) !== digest) throw new Error(`the bytes do not match ${digest}`)
      blobs.set(digest, bytes)
    },
    hasAcceptedReferrers: () => false,
    referrers: async (digest) => {
      await call(`referrers ${digest}`)
      return referrersApi ? referring(digest, manifests) : listedBy(manifests.get(digest.replace(':', '-')))
    },
  }
}

/** @throws Error if content of the manifest is missing. */
function requireContent(
  content: ManifestContent,
  blobs: ReadonlyMap<Digest, Buffer>,
  manifests: ReadonlyMap<string, ManifestContent>,
): void {
  const parts = manifestParts(content.bytes)
  if (parts === undefined || digestOf(content.bytes) !== content.digest) throw new Error('MANIFEST_INVALID')
  // All parts must exist, as in a registry.
  const missing = [
    ...parts.blobs.filter(({digest}) => !blobs.has(digest)),
    ...parts.manifests.filter(({digest}) => !manifests.has(digest)),
  ]
  if (missing.length > 0) throw new Error(`MANIFEST_BLOB_UNKNOWN ${missing.map(({digest}) => digest).join(' ')}`)
}

function referring(subject: Digest, manifests: ReadonlyMap<string, ManifestContent>): readonly Descriptor[] {
  const found = [...new Set(manifests.values())].filter(
    ({bytes}) => field(field(parseJson(bytes), 'subject'), 'digest') === subject,
  )
  return found.map(({digest, mediaType, bytes}) => ({mediaType, digest, sizeBytes: bytes.length, platform: undefined}))
}

function listedBy(index: ManifestContent | undefined): readonly Descriptor[] {
  const entries = index === undefined ? [] : field(parseJson(index.bytes), 'manifests')
  return Array.isArray(entries) ? entries.flatMap((entry) => parseDescriptor(entry) ?? []) : []
}
