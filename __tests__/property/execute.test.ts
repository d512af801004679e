import {expect, test} from '@jest/globals'
import {digestOf, isDigest, type Digest} from '../../src/oci/digest.ts'
import {manifestParts} from '../../src/oci/manifest.ts'
import {execute} from '../../src/prune/execute.ts'
import {
  makeImage,
  makeReferrer,
  memoryRegistry,
  type MemoryRegistry,
  type MemoryRegistryOptions,
  type TestImage,
} from '../../testing/memory-registry.ts'
import {ociScene, storePath} from '../../testing/oci-store.ts'
import fc from '../../testing/properties.ts'
import {contentOf, listingStore, planning} from '../../testing/planned-deletion.ts'

const singles = Array.from({length: 5}, (_, index) => makeImage({text: `single ${index}`}))

/** Index of some of the single images. Indexes share their entries. */
function indexOf(entries: readonly number[], name: string): TestImage {
  const parts = entries.flatMap((entry) => singles[entry] ?? [])
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const manifests = parts.map(({digest, mediaType: type, bytes}) => ({mediaType: type, digest, size: bytes.length}))
  const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType, manifests, annotations: {name}}))
  const top = {mediaType, bytes, digest: digestOf(bytes)}
  const blobs = new Map(parts.flatMap((part) => [...part.blobs]))
  return {...top, platforms: new Map(), manifests: [...parts.flatMap((part) => part.manifests), top], blobs}
}

const tag = fc.integer({min: 0, max: 9}).map((number) => `t${number}`)
const entries = fc.uniqueArray(fc.nat({max: singles.length - 1}), {minLength: 1, maxLength: 3})
const tags = fc.uniqueArray(tag, {maxLength: 3})

const scenario = fc.record({
  indexes: fc.array(fc.record({entries, tags}), {maxLength: 5}),
  platformTags: fc.array(fc.record({single: fc.nat({max: singles.length - 1}), tags}), {maxLength: 2}),
  /** Subjects of referrers: a single image or an index. */
  referrers: fc.array(fc.record({subject: fc.nat({max: 9}), tags: fc.uniqueArray(tag, {maxLength: 1})}), {
    maxLength: 3,
  }),
  deleted: fc.uniqueArray(tag),
  deletes: fc.constantFrom<MemoryRegistryOptions['deletes']>({}, {tags: 400}, {tags: 'image'}),
  /** Statuses that answer deletions of digests, by the last digit of the digest. */
  refusals: fc.dictionary(
    fc.constantFrom(...Array.from({length: 16}, (_, digit) => digit.toString(16))),
    fc.constantFrom(403, 409, 412, 423, 500),
    {
      maxKeys: 6,
    },
  ),
  batchSize: fc.constantFrom(1, 3, 100),
  /** Number of requests after which none is answered. */
  answered: fc.oneof(fc.nat({max: 60}), fc.constant(Infinity)),
})

/** Manifests that a digest needs and that do not exist. */
function lacking(registry: MemoryRegistry, digest: Digest): readonly Digest[] {
  const manifest = registry.manifest(storePath, digest)
  if (manifest === undefined) return [digest]
  return (manifestParts(manifest.bytes)?.manifests ?? []).flatMap((part) => lacking(registry, part.digest))
}

test('whatever a registry refuses, and whenever a run stops, each tag has all that it needs', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({indexes, platformTags, referrers, deletes, refusals, ...run}) => {
      const registry = memoryRegistry({
        deletes: deletes ?? {},
        fault: ({method, path}) => {
          const status = method === 'DELETE' && isDigest(path.slice(-71)) ? refusals[path.slice(-1)] : undefined
          return status === undefined ? undefined : {kind: 'answer', status}
        },
      })
      const images = indexes.map((one, index) => ({image: indexOf(one.entries, String(index)), tags: one.tags}))
      for (const {image, tags: own} of images) registry.store(storePath, image, own)
      for (const {single, tags: own} of platformTags) {
        const image = singles[single]
        if (image !== undefined) registry.store(storePath, image, own)
      }
      const subjects = [...images.map(({image}) => image), ...singles]
      for (const [index, {subject, tags: own}] of referrers.entries()) {
        const of = subjects[subject % subjects.length]
        if (of !== undefined) registry.store(storePath, makeReferrer(of, 'application/example', String(index)), own)
      }
      let sent = 0
      const http = registry.http()
      const stopping = {
        ...registry,
        http: () => ({
          ...http,
          send: async (request: Parameters<typeof http.send>[0]) => {
            sent += 1
            if (sent > run.answered) throw Object.assign(new Error('stopped'), {code: 'ECONNRESET'})
            return http.send(request)
          },
        }),
      }
      const scene = ociScene({}, {retries: 0}, stopping)
      const content = contentOf(scene)
      const plan = planning(content, run.deleted)
      const {kept} = plan(new Set())
      const store = listingStore(scene, {batchSize: run.batchSize})
      const neededMeanwhile = async (): Promise<ReadonlySet<string>> => Promise.resolve(new Set<string>())
      await execute({store, content, plan, neededMeanwhile, signal: new AbortController().signal})
      const after = registry.tagsOf(storePath)
      for (const digest of Object.values(after)) expect(lacking(registry, digest)).toEqual([])
      for (const [name, digest] of content.tags) if (!run.deleted.includes(name)) expect(after[name]).toBe(digest)
      for (const digest of kept.keys()) expect(isDigest(digest) && registry.manifest(storePath, digest)).toBeTruthy()
    }),
    {numRuns: 200},
  )
})
