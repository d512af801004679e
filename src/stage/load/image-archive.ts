import type {Digest} from '../../oci/digest.ts'
import {blobPath, layoutFiles} from '../../oci/layout.ts'
import {parseManifest, type Descriptor, type ManifestContent} from '../../oci/manifest.ts'
import {formatTagRef, type TagRef} from '../../oci/reference.ts'
import {blobsOf} from '../../registry/images/image-tree.ts'
import type {ImageSource} from '../layout/push-layout.ts'

/** Content of an archive: the image, or the part of one platform, and its names. */
interface ArchiveRequest {
  readonly layout: ImageSource
  /** An index, or the manifest of one platform. */
  readonly top: ManifestContent
  readonly tags: readonly TagRef[]
  /** Names of images of an index, in addition. Only the containerd image store keeps them. */
  readonly parts?: readonly NamedPart[]
}

/** Image of one platform of an index, with its name. */
export interface NamedPart {
  readonly content: ManifestContent
  readonly name: TagRef
}

interface Entry {
  readonly name: string
  readonly sizeBytes: number
  readonly open: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/**
 * Generates a tar archive for `docker load`. It is an OCI image layout, which the containerd image store keeps
 * unchanged. For the older store, an image of one platform also has a `manifest.json`:
 * https://github.com/moby/docker-image-spec/blob/main/spec.md#combined-image-json--filesystem-changeset-format
 * @throws Error if the size of a blob differs from its descriptor.
 */
export async function* imageArchive(request: ArchiveRequest): AsyncGenerator<Uint8Array, void, undefined> {
  for (const {name, sizeBytes, open} of entriesOf(request)) {
    yield header(name, sizeBytes)
    let written = 0
    for await (const chunk of open()) {
      written += chunk.byteLength
      // Extra bytes would be read as the next file.
      if (written > sizeBytes) break
      yield chunk
    }
    if (written !== sizeBytes) throw new Error(`${name} does not have ${sizeBytes} bytes`)
    yield Buffer.alloc(-sizeBytes & (blockBytes - 1))
  }
  yield Buffer.alloc(2 * blockBytes)
}

function entriesOf({layout: {tree, openBlob}, top, tags, parts = []}: ArchiveRequest): readonly Entry[] {
  const manifests = top.digest === tree.top.digest ? tree.levels.flat() : [top]
  const manifest = parseManifest(top.bytes)
  return [
    text(layoutFiles.marker, {imageLayoutVersion: '1.0.0'}),
    ...blobsOf(tree, manifests).map((blob) => ({
      name: pathOf(blob.digest),
      sizeBytes: blob.sizeBytes,
      open: () => openBlob(blob),
    })),
    ...manifests.map(({digest, bytes}) => ({
      name: pathOf(digest),
      sizeBytes: bytes.byteLength,
      open: () => [bytes],
    })),
    text(layoutFiles.index, indexOf(top, tags, parts)),
    ...(manifest?.kind === 'manifest' ? [text('manifest.json', [legacyManifest(manifest, tags)])] : []),
  ]
}

/** Index with one entry per name: https://github.com/containerd/containerd/blob/main/core/images/annotations.go */
function indexOf(top: ManifestContent, tags: readonly TagRef[], parts: readonly NamedPart[]): object {
  const whole = tags.length === 0 ? [descriptorOf(top)] : tags.map((tag) => named(top, tag))
  return {schemaVersion: 2, manifests: [...whole, ...parts.map(({content, name}) => named(content, name))]}
}

function descriptorOf({digest, mediaType, bytes}: ManifestContent): object {
  return {mediaType, digest, size: bytes.byteLength}
}

function named(content: ManifestContent, {repository: {host, path}, tag}: TagRef): object {
  const annotations = {
    'io.containerd.image.name': `${host}/${path}:${tag}`,
    'org.opencontainers.image.ref.name': tag,
  }
  return {...descriptorOf(content), annotations}
}

function legacyManifest(
  {config, layers}: {readonly config: Descriptor; readonly layers: readonly Descriptor[]},
  tags: readonly TagRef[],
): object {
  return {
    Config: pathOf(config.digest),
    RepoTags: tags.map(formatTagRef),
    Layers: layers.map(({digest}) => pathOf(digest)),
  }
}

function text(name: string, value: unknown): Entry {
  const bytes = Buffer.from(JSON.stringify(value))
  return {name, sizeBytes: bytes.byteLength, open: () => [bytes]}
}

function pathOf(digest: Digest): string {
  return blobPath(digest).join('/')
}

const blockBytes = 512
const largestOctal = 0o77777777777

/** Header in POSIX ustar format: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 */
function header(name: string, sizeBytes: number): Uint8Array {
  const block = Buffer.alloc(blockBytes)
  const put = (at: number, value: string): void => {
    block.write(value, at, 'latin1')
  }
  put(0, name)
  put(100, '0000644\0')
  put(108, '0000000\0')
  put(116, '0000000\0')
  putSize(block, sizeBytes)
  put(136, '00000000000\0')
  put(148, ' '.repeat(8))
  put(156, '0')
  put(257, 'ustar\u000000')
  const sum = block.reduce((total, byte) => total + byte, 0)
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `)
  return block
}

/** Writes the size: from 8 GiB on in binary, like GNU tar and Go. */
function putSize(block: Buffer, sizeBytes: number): void {
  if (sizeBytes <= largestOctal) {
    block.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
    return
  }
  block[124] = 0x80
  block.writeBigUInt64BE(BigInt(sizeBytes), 128)
}
