import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import type {TestImage} from './memory-registry/images.ts'

/** Writes an image as an OCI layout (https://github.com/opencontainers/image-spec/blob/main/image-layout.md), as BuildKit does. */
export async function writeLayout(
  directory: string,
  {digest, mediaType, bytes, manifests, blobs}: TestImage,
): Promise<void> {
  const folder = path.join(directory, 'blobs', 'sha256')
  await mkdir(folder, {recursive: true})
  const contents = [...blobs, ...manifests.map((manifest) => [manifest.digest, manifest.bytes] as const)]
  for (const [name, content] of contents) await writeFile(path.join(folder, name.slice('sha256:'.length)), content)
  const index = {schemaVersion: 2, manifests: [{mediaType, digest, size: bytes.length}]}
  await writeFile(path.join(directory, 'index.json'), JSON.stringify(index))
  await writeFile(path.join(directory, 'oci-layout'), JSON.stringify({imageLayoutVersion: '1.0.0'}))
}
