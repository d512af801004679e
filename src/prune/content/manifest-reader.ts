import {retentionError} from '../../errors/retention-error.ts'
import {isDigest} from '../../oci/digest.ts'
import type {ManifestContent} from '../../oci/manifest.ts'
import type {HostClient} from '../../registry/host-client.ts'
import {forEachBounded} from '../../registry/limit.ts'
import {readStoredManifest, statedDigest, type StoredContent} from './stored-content.ts'
import {parseStoredManifest} from '../../retention/parse-manifest.ts'
import type {ManifestRead} from '../../retention/stored-manifest.ts'
import type {FailureLimit} from './failure-limit.ts'

/** Number of manifests or configurations that are read concurrently. */
export const readsAtOnce = 16

interface ReaderOptions {
  readonly client: HostClient
  readonly path: string
  readonly failures: FailureLimit
  readonly onManifest: (manifest: ManifestContent) => void
}

/** Reader of the manifests of one repository. Each is read once, and only its links and facts are kept. */
export class ManifestReader {
  /** Manifests by digest. */
  readonly reads = new Map<string, ManifestRead>()
  readonly #client: HostClient
  readonly #path: string
  readonly #options: ReaderOptions

  constructor(options: ReaderOptions) {
    this.#client = options.client
    this.#path = options.path
    this.#options = options
  }

  /**
   * Reads the manifests of tags. Returns the digest of each tag that exists. Where the registry has stated the digest, the
   * manifest of several tags is read once.
   * @throws TagboatError `prune-unreadable` if the digest of a tag is not known: it may be that of any image.
   */
  async readTags(
    tags: readonly string[],
    stated: ReadonlyMap<string, string> = new Map(),
  ): Promise<ReadonlyMap<string, string>> {
    const digests = new Map<string, string>()
    await this.#readEach(new Set(tags.flatMap((tag) => stated.get(tag) ?? [])))
    for (const tag of tags) {
      const digest = stated.get(tag)
      if (digest !== undefined && this.reads.get(digest)?.kind === 'read') digests.set(tag, digest)
    }
    const others = tags.filter((tag) => !digests.has(tag))
    await forEachBounded(others, readsAtOnce, async (tag) => {
      const content = await readStoredManifest(this.#client, {path: this.#path, reference: tag})
      if (content.kind === 'missing') return
      const read = this.#record(content)
      const digest = read.kind === 'read' ? read.manifest.digest : await this.#digestOf(tag, read)
      if (digest === undefined) return
      digests.set(tag, digest)
      if (this.reads.get(digest)?.kind !== 'read') this.reads.set(digest, read)
    })
    return digests
  }

  /** Reads manifests that are not read yet, with everything that they name, at any depth. */
  async readAll(digests: Iterable<string>): Promise<void> {
    let wave = [...new Set([...digests, ...this.#named(this.reads.keys())])].filter((digest) => !this.reads.has(digest))
    while (wave.length > 0) {
      await this.#readEach(wave)
      wave = [...new Set(this.#named(wave))].filter((digest) => !this.reads.has(digest))
    }
  }

  async #readEach(digests: Iterable<string>): Promise<void> {
    await forEachBounded([...digests], readsAtOnce, async (digest) => {
      const content = await readStoredManifest(this.#client, {path: this.#path, reference: digest})
      this.reads.set(digest, content.kind === 'missing' ? content : this.#record(content))
    })
  }

  /** Entries and subjects of manifests. */
  #named(digests: Iterable<string>): readonly string[] {
    return [...digests].flatMap((digest) => {
      const read = this.reads.get(digest)
      if (read?.kind !== 'read') return []
      const {children, subject} = read.manifest
      return subject === undefined ? children : [...children, subject]
    })
  }

  #record(content: Exclude<StoredContent, {kind: 'missing'}>): Exclude<ManifestRead, {kind: 'missing'}> {
    if (content.kind === 'unreadable') {
      this.#options.failures.add(content.failure)
      return {kind: 'unreadable', reason: content.reason}
    }
    const {digest, mediaType, bytes} = content
    const manifest = parseStoredManifest(content)
    if (manifest !== undefined && isDigest(digest)) this.#options.onManifest({digest, mediaType, bytes})
    return manifest === undefined ? {kind: 'unreadable', reason: 'it is not a JSON object'} : {kind: 'read', manifest}
  }

  /** Digest of a tag whose manifest cannot be read. Undefined if the tag does not exist any more. */
  async #digestOf(tag: string, {reason}: {readonly reason: string}): Promise<string | undefined> {
    const stated = await statedDigest(this.#client, {path: this.#path, reference: tag})
    if (stated.kind === 'missing') return undefined
    if (stated.kind === 'stated') return stated.digest
    throw retentionError('prune-unreadable', {
      evidence: [`${this.#client.host}/${this.#path}:${tag} cannot be read: ${reason}`],
    })
  }
}
