import path from 'node:path'
import type {Files} from '../../io/files.ts'
import {TagboatError} from '../../errors/error.ts'
import {digestOf} from '../../oci/digest.ts'
import {blobPath, layoutFiles, parseLayout} from '../../oci/layout.ts'
import {readTree, type ImageTree, type ManifestName} from '../../registry/images/image-tree.ts'
import type {ManifestContent} from '../../oci/manifest.ts'
import type {OpenBlob} from '../../registry/images/send.ts'

/** An image that lies in a directory. */
export interface Layout {
  readonly tree: ImageTree
  readonly openBlob: OpenBlob
}

/**
 * Reads an OCI image layout that a builder exported: its documents at once, its layers when they are asked for.
 * @throws TagboatError `unexpected` when it is none, holds several images, or a document is not what its digest says.
 */
export async function readLayout(directory: string, files: Pick<Files, 'openRead'>): Promise<Layout> {
  const open = (parts: readonly string[]): AsyncIterable<Uint8Array> => files.openRead(path.join(directory, ...parts))
  const read = async ({digest, mediaType}: ManifestName): Promise<ManifestContent> => {
    const bytes = await whole(open(blobPath(digest)))
    const found = digestOf(bytes)
    if (found !== digest) throw broken(directory, `${digest} has the bytes of ${found}`)
    return {digest, mediaType, bytes}
  }
  const [marker, index] = await Promise.all([whole(open([layoutFiles.marker])), whole(open([layoutFiles.index]))])
  const parsed = parseLayout(marker, index)
  if (!parsed.ok) throw broken(directory, parsed.reason)
  const tree = await readTree(await read(parsed.top), read, ({digest}) =>
    broken(directory, `${digest} is neither a manifest nor an index`),
  )
  return {tree, openBlob: ({digest}) => open(blobPath(digest))}
}

async function whole(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function broken(directory: string, reason: string): TagboatError {
  return new TagboatError('unexpected', {
    message: 'What the builder exported is no whole OCI image layout.',
    evidence: [`${directory}: ${reason}`],
  })
}
