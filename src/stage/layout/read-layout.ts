import path from 'node:path'
import type {Files} from '../../io/files.ts'
import {TagboatError} from '../../errors/error.ts'
import {digestOf} from '../../oci/digest.ts'
import {blobPath, layoutFiles, parseLayout} from '../../oci/layout.ts'
import {readTree, type ManifestName} from '../../registry/images/image-tree.ts'
import type {ManifestContent} from '../../oci/manifest.ts'
import type {ImageSource} from './push-layout.ts'

/**
 * Reads the manifests of an OCI image layout that a builder exported. Its layers are opened on request.
 * @throws TagboatError `unexpected` if the layout is invalid or has several images, or if a digest does not match.
 */
export async function readLayout(directory: string, files: Pick<Files, 'openRead'>): Promise<ImageSource> {
  const open = (parts: readonly string[]): AsyncIterable<Uint8Array> => files.openRead(path.join(directory, ...parts))
  const read = async ({digest, mediaType}: ManifestName): Promise<ManifestContent> => {
    const bytes = await readAll(open(blobPath(digest)))
    const found = digestOf(bytes)
    if (found !== digest) throw broken(directory, `the content of ${digest} has the digest ${found}`)
    return {digest, mediaType, bytes}
  }
  const [marker, index] = await Promise.all([readAll(open([layoutFiles.marker])), readAll(open([layoutFiles.index]))])
  const parsed = parseLayout(marker, index)
  if (!parsed.ok) throw broken(directory, parsed.reason)
  const tree = await readTree(await read(parsed.top), read, ({digest}) =>
    broken(directory, `${digest} is neither a manifest nor an index`),
  )
  return {tree, openBlob: ({digest}) => open(blobPath(digest))}
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function broken(directory: string, reason: string): TagboatError {
  return new TagboatError('unexpected', {
    message: 'The builder exported an invalid OCI image layout.',
    evidence: [`${directory}: ${reason}`],
  })
}
