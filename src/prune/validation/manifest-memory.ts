import type {ManifestContent} from '../../oci/manifest.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'

/** Size of all manifests of a repository with some ten thousand images. */
const maxBytes = 32 * 1024 * 1024

/** Manifests that a run has read, so that one that is missing afterwards can be pushed again. */
export class ManifestMemory {
  readonly #contents = new Map<string, ManifestContent>()
  #bytesLeft = maxBytes

  /** Remembers a manifest, as long as there is room. */
  remember(content: ManifestContent): void {
    const {digest, bytes} = content
    if (this.#contents.has(digest) || bytes.byteLength > this.#bytesLeft) return
    this.#bytesLeft -= bytes.byteLength
    // A view of a larger buffer would keep all of it.
    this.#contents.set(digest, {...content, bytes: Uint8Array.from(bytes)})
  }

  get(digest: string): ManifestContent | undefined {
    return this.#contents.get(digest)
  }
}

/** Client that remembers the manifests that it reads, and reads none again by its digest: GitHub counts each read. */
export function remembering(client: RepositoryClient, memory: ManifestMemory): RepositoryClient {
  return {
    ...client,
    manifest: async (reference) => {
      const known = memory.get(reference)
      if (known !== undefined) return known
      const content = await client.manifest(reference)
      if (content !== undefined) memory.remember(content)
      return content
    },
  }
}
