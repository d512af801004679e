import {belongings, type ManifestGraph} from './graph.ts'
import type {RepositoryContent} from './repository-content.ts'
import type {StoredBlob} from './stored-manifest.ts'

interface DeletedManifests {
  /** Digests that were chosen; one that stays has the size 0. */
  readonly tops: readonly string[]
  readonly doomed: ReadonlySet<string>
  readonly content: Pick<RepositoryContent, 'manifests'>
  readonly graph: ManifestGraph
}

/**
 * Sizes of the blobs that only these manifests name, by the top from which they are first reached. Each blob counts
 * once, so the sum is what the deletion frees. It is an upper limit: repositories of one
 * registry share blobs.
 */
export function freedBytes({tops, doomed, content, graph}: DeletedManifests): ReadonlyMap<string, number> {
  const {manifests} = content
  const blobsOf = (digest: string): readonly StoredBlob[] => {
    const read = manifests.get(digest)
    return read?.kind === 'read' ? read.manifest.blobs : []
  }
  const counted = new Set<string>()
  for (const digest of manifests.keys()) {
    if (!doomed.has(digest)) for (const blob of blobsOf(digest)) counted.add(blob.digest)
  }
  const visited = new Set<string>()
  return new Map(
    [...tops].sort().map((top) => {
      let sum = 0
      const found = new Set([top].filter((digest) => doomed.has(digest) && !visited.has(digest)))
      for (const digest of found) {
        visited.add(digest)
        for (const blob of blobsOf(digest)) {
          if (!counted.has(blob.digest)) sum += blob.sizeBytes
          counted.add(blob.digest)
        }
        for (const next of belongings(graph, digest)) if (doomed.has(next) && !visited.has(next)) found.add(next)
      }
      return [top, sum]
    }),
  )
}
