import path from 'node:path'
import {scanningError} from '../errors/scanning-error.ts'
import type {TagboatError} from '../errors/error.ts'
import type {Io} from '../io/io.ts'
import type {ServedRequest, ServedResponse} from '../io/connections/loopback-server.ts'
import {isDigest, type Digest} from '../oci/digest.ts'
import type {Descriptor, ManifestContent} from '../oci/manifest.ts'
import {blobsOf, readTree} from '../registry/images/image-tree.ts'

/** Image that a view shows. */
export interface ViewedImage {
  readonly content: ManifestContent
  /** Reads a manifest below it. */
  readonly manifest: (digest: Digest) => Promise<ManifestContent | undefined>
  /** Opens a blob of it, whose digest is verified. */
  readonly openBlob: (blob: Descriptor) => AsyncIterable<Uint8Array>
}

/** Read-only registry on this machine with the content of one image. */
interface ImageView extends AsyncDisposable {
  /** Repository, as `127.0.0.1:40123/staged`. */
  readonly name: string
  /** Manifest or index of the image. */
  readonly manifest: (digest: Digest) => ManifestContent | undefined
  /** First failure to read content for a client; undefined without one. */
  readonly failure: () => unknown
}

/** Blobs that views have read, as files of a directory. Each is read once. */
export class ViewedBlobs {
  readonly #directory: string
  readonly #files: Io['files']
  readonly #read = new Map<Digest, Promise<string>>()

  constructor(directory: string, files: Io['files']) {
    this.#directory = directory
    this.#files = files
  }

  /** Path of the file with a blob. */
  async file(blob: Descriptor, open: ViewedImage['openBlob']): Promise<string> {
    const known = this.#read.get(blob.digest)
    if (known !== undefined) return known
    const reading = this.#write(blob, open)
    this.#read.set(blob.digest, reading)
    // The next request reads it again: scanners repeat failed requests, and another scanner may follow.
    reading.catch(() => this.#read.delete(blob.digest))
    return reading
  }

  /** Bytes of a small file with a blob. */
  async read(file: string): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    for await (const chunk of this.#files.openRead(file)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  async #write(blob: Descriptor, open: ViewedImage['openBlob']): Promise<string> {
    const file = path.join(this.#directory, blob.digest.replace(':', '-'))
    try {
      await this.#files.writeStream(file, open(blob))
    } catch (error) {
      await this.#files.remove(file).catch(() => undefined)
      throw error
    }
    return file
  }
}

/**
 * Serves an image to programs of this machine, without a login. It answers GET and HEAD for the manifests and blobs below
 * the digest, and 404 for everything else:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull
 */
export async function viewImage(
  image: ViewedImage,
  blobs: ViewedBlobs,
  {serve, files}: Pick<Io, 'serve' | 'files'>,
): Promise<ImageView> {
  const tree = await readTree(
    image.content,
    async ({digest}) => {
      const content = await image.manifest(digest)
      if (content === undefined) throw unreadable(`${digest} does not exist`)
      return content
    },
    ({digest}, reason) => unreadable(`${digest} is ${reason}`),
  )
  const all = tree.levels.flat()
  const manifests = new Map(all.map((content) => [content.digest, content]))
  const known = new Map(blobsOf(tree, all).map((blob) => [blob.digest, blob]))
  let failure: unknown
  const respond = ({method, target}: ServedRequest): ServedResponse => {
    if (method !== 'GET' && method !== 'HEAD') return notFound
    if (target === '/v2/' || target === '/v2') return whole(200, 'application/json', new TextEncoder().encode('{}'))
    const [, kind, digest = ''] = /^\/v2\/staged\/(manifests|blobs)\/(sha256:[0-9a-f]{64})$/.exec(target) ?? []
    if (!isDigest(digest)) return notFound
    const content = kind === 'manifests' ? manifests.get(digest) : undefined
    if (content !== undefined) return whole(200, content.mediaType, content.bytes, digest)
    const blob = kind === 'blobs' ? known.get(digest) : undefined
    return blob === undefined ? notFound : streamed(blob)
  }
  const streamed = (blob: Descriptor): ServedResponse => ({
    status: 200,
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(blob.sizeBytes),
      'docker-content-digest': blob.digest,
    },
    async *body() {
      let file
      try {
        file = await blobs.file(blob, image.openBlob)
      } catch (error) {
        failure ??= error
        throw error
      }
      yield* files.openRead(file)
    },
  })
  const server = await serve(async (request) => Promise.resolve(respond(request)))
  return {
    name: `127.0.0.1:${server.port}/staged`,
    manifest: (digest) => manifests.get(digest),
    failure: () => failure,
    [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
  }
}

function whole(status: number, type: string, bytes: Uint8Array, digest?: Digest): ServedResponse {
  const headers = {
    'content-type': type,
    'content-length': String(bytes.byteLength),
    'docker-distribution-api-version': 'registry/2.0',
    ...(digest !== undefined && {'docker-content-digest': digest}),
  }
  return {status, headers, body: () => [bytes]}
}

const notFound = whole(
  404,
  'application/json',
  new TextEncoder().encode('{"errors":[{"code":"NAME_UNKNOWN","message":"not a part of the image"}]}'),
)

function unreadable(reason: string): TagboatError {
  return scanningError('scan-failed', {message: 'The image cannot be read to be scanned.', evidence: [reason]})
}
