import {manifestParts, type Descriptor, type ManifestContent} from '../../oci/manifest.ts'
import type {Digest} from '../../oci/digest.ts'
import {forEachBounded} from '../limit.ts'

/** A manifest or index with all that hangs below it. */
export interface ImageTree {
  readonly top: ManifestContent
  /** Everything in the order in which a registry takes it: what an index lists stands in an earlier level than the index. */
  readonly levels: readonly (readonly ManifestContent[])[]
  /** Configurations and layers of each manifest. */
  readonly blobs: ReadonlyMap<Digest, readonly Descriptor[]>
}

export type ManifestName = Pick<Descriptor, 'digest' | 'mediaType'>

/** Nothing that runs nests indexes at all; each level costs a round trip. */
export const maxIndexLevels = 8
/** Of one tree: platforms and their attestations. */
export const maxManifests = 1000

/** How many manifests are read or written at the same time: each is small. */
export const manifestsAtOnce = 8

/**
 * `read` gives the bytes of a manifest, and throws when they are not there; `refuse` makes the error for what is neither
 * a manifest nor an index, holds something that cannot be read, or belongs to a tree that is larger than any image's.
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
      // What hangs at two heights belongs to the lower one.
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

/** The blobs of these manifests, each once. */
export function blobsOf({blobs}: ImageTree, manifests: readonly ManifestContent[]): readonly Descriptor[] {
  const all = manifests.flatMap(({digest}) => blobs.get(digest) ?? [])
  return [...new Map(all.map((blob) => [blob.digest, blob])).values()]
}
