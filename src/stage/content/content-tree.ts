import {ContentUnavailable, type ContentSource} from '../../buildkit/content-source.ts'
import {digestOf, type Digest} from '../../oci/digest.ts'
import {field, isLayer, manifestMediaTypes, parseJson, type ManifestContent} from '../../oci/manifest.ts'
import {blobsOf, readTree, type ImageTree} from '../../registry/images/image-tree.ts'
import type {ImageSource} from '../layout/push-layout.ts'

/** Limits of the blobs that are kept in memory. */
const maxDocumentBytes = 4 * 1024 * 1024
const maxKeptBytes = 32 * 1024 * 1024

/**
 * Reads the manifests of a built image from its builder, and the documents that are not layers: nothing else in the
 * builder refers to its attestations. Layers belong to the cache of the build, and are opened on request.
 * @throws ContentUnavailable
 */
export async function readContentTree(source: ContentSource, digest: Digest): Promise<ImageSource> {
  const read = async (name: {readonly digest: Digest; readonly mediaType: string}): Promise<ManifestContent> => {
    const bytes = await source.read(name.digest)
    const found = digestOf(bytes)
    if (found !== name.digest)
      throw new ContentUnavailable(name.digest, new Error(`the content has the digest ${found}`))
    return {...name, bytes}
  }
  const top = await read({digest, mediaType: ''})
  const mediaType = field(parseJson(top.bytes), 'mediaType')
  const known = manifestMediaTypes.find((type) => type === mediaType)
  const unreadable = (reason: string): Error => new ContentUnavailable(digest, new Error(reason))
  if (known === undefined) throw unreadable(`the media type ${String(mediaType)}`)
  const tree = await readTree({...top, mediaType: known}, read, (_, reason) => unreadable(reason))
  const kept = await readDocuments(source, tree)
  return {
    tree,
    isNew: true,
    openBlob: ({digest: wanted}) => {
      const bytes = kept.get(wanted)
      return bytes === undefined ? source.open(wanted) : once(bytes)
    },
  }
}

async function readDocuments(source: ContentSource, tree: ImageTree): Promise<ReadonlyMap<Digest, Uint8Array>> {
  let total = 0
  const documents = blobsOf(tree, tree.levels.flat()).filter(({mediaType, sizeBytes}) => {
    if (isLayer({mediaType}) || sizeBytes > maxDocumentBytes) return false
    total += sizeBytes
    return total <= maxKeptBytes
  })
  return new Map(await Promise.all(documents.map(async ({digest}) => [digest, await source.read(digest)] as const)))
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes)
}
