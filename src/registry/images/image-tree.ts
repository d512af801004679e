import {manifestParts, type Descriptor, type ManifestContent} from '../../oci/manifest.ts'
import type {Digest} from '../../oci/digest.ts'
import {forEachBounded} from '../limit.ts'

/** Manifest or index with all its parts. */
export interface ImageTree {
  readonly top: ManifestContent
  /** Manifests in the order of a push: entries of an index are in an earlier level than the index. */
  readonly levels: readonly (readonly ManifestContent[])[]
  /** Configurations and layers of each manifest. */
  readonly blobs: ReadonlyMap<Digest, readonly Descriptor[]>
}

/** Digest and media type of a manifest. */
export type ManifestName = Pick<Descriptor, 'digest' | 'mediaType'>

/** Maximum depth of nested indexes, which runtimes do not support at all. Each level costs a round trip. */
export const maxIndexLevels = 8
/** Maximum number of manifests in one tree: platforms and their attestations. */
export const maxManifests = 1000

/** Number of manifests that are read or written concurrently. */
export const manifestsAtOnce = 8

/**
 * Reads the tree of a manifest or index. `read` returns the content of a manifest, and throws if it does not exist.
 * `refuse` creates the error for content that is not a manifest or index, or for a tree that is too large.
 */
export async function readTree(
  top: ManifestContent,
  read: (name: ManifestName) => Promise<ManifestContent>,
  refuse: (content: ManifestContent, reason: 'unreadable' | 'too large') => Error,
): Promise<ImageTree> {
  const known = new Map<Digest, ManifestContent>([[top.digest, top]])
  const depth = new Map<Digest, number>()
  const blobs = new Map<Digest, readonly Descriptor[]>()
  let wave: readonly ManifestContent[] = [top]
  for (let level = 0; wave.length > 0; level += 1) {
    const children = new Map<Digest, Descriptor>()
    for (const content of wave) {
      // A manifest at two depths belongs to the deeper one.
      depth.set(content.digest, level)
      const parts = manifestParts(content.bytes)
      if (parts === undefined) throw refuse(content, 'unreadable')
      blobs.set(content.digest, parts.blobs)
      for (const child of parts.manifests) children.set(child.digest, child)
    }
    const unread = [...children.values()].filter(({digest}) => !known.has(digest))
    const isTooLarge = known.size + unread.length > maxManifests || (children.size > 0 && level === maxIndexLevels)
    if (isTooLarge) throw refuse(top, 'too large')
    await forEachBounded(unread, manifestsAtOnce, async (child) => {
      known.set(child.digest, await read(child))
    })
    wave = [...children.keys()].flatMap((digest) => known.get(digest) ?? [])
  }
  return {top, levels: levelsOf(known, depth), blobs}
}

function levelsOf(
  known: ReadonlyMap<Digest, ManifestContent>,
  depth: ReadonlyMap<Digest, number>,
): readonly (readonly ManifestContent[])[] {
  const deepest = Math.max(...depth.values())
  return Array.from({length: deepest + 1}, (_, height) =>
    [...known.values()].filter(({digest}) => depth.get(digest) === deepest - height),
  )
}

/** Blobs of these manifests, without duplicates. */
export function blobsOf({blobs}: ImageTree, manifests: readonly ManifestContent[]): readonly Descriptor[] {
  const all = manifests.flatMap(({digest}) => blobs.get(digest) ?? [])
  return [...new Map(all.map((blob) => [blob.digest, blob])).values()]
}
