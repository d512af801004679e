import {digestOf} from '../../oci/digest.ts'
import {formatRepository} from '../../oci/reference.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'

/**
 * Uploads small blobs, each once to each repository: several manifests share them. Whether a blob exists is not asked: the
 * question would take as long as the upload of so few bytes, and signatures are usually new.
 */
export class BlobSender {
  readonly #sent = new Map<string, Promise<void>>()

  async send(blobs: readonly Uint8Array[], client: RepositoryClient): Promise<void> {
    await Promise.all(blobs.map(async (bytes) => this.#sendOnce(bytes, client)))
  }

  async #sendOnce(bytes: Uint8Array, client: RepositoryClient): Promise<void> {
    const blob = {digest: digestOf(bytes), sizeBytes: bytes.byteLength}
    const key = `${formatRepository(client.repository)}@${blob.digest}`
    const sending =
      this.#sent.get(key) ??
      client.uploadBlob(blob, async function* () {
        yield await Promise.resolve(bytes)
      })
    this.#sent.set(key, sending)
    await sending
  }
}
