import {TagboatError} from '../errors/error.ts'
import {algorithmOf, digestOf, isDigest, type Digest} from '../oci/digest.ts'
import {field, manifestMediaTypes, parseJson, type Descriptor, type ManifestContent} from '../oci/manifest.ts'
import {corrupt} from '../errors/corrupt.ts'
import {redactText} from './redact.ts'
import type {ManifestHead} from './repository-client.ts'
import {deleting, reading, writing} from './auth/scope.ts'
import type {HostClient} from './host-client.ts'
import type {RegistryResponse, RegistryRequest} from './registry-request.ts'

/**
 * Manifests of one repository, by tag and digest:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 */
export class Manifests {
  readonly #client: HostClient
  readonly #path: string
  readonly #acceptedReferrers = new Map<Digest, Descriptor[]>()
  readonly #cache = new Map<Digest, ManifestContent>()
  readonly #inFlight = new Map<Digest, Promise<ManifestContent | undefined>>()

  constructor(client: HostClient, path: string) {
    this.#client = client
    this.#path = path
  }

  async head(reference: string): Promise<ManifestHead | undefined> {
    const request = this.#readRequest('HEAD', reference)
    const response = await this.#client.call(request)
    // Some proxies and caches do not forward HEAD, so a 404 is confirmed by GET.
    if (response.status === 404) return isDigest(reference) ? undefined : this.#headByContent(reference)
    // Digest and length are optional in the response to HEAD, and some registries do not support HEAD.
    if (response.status === 405) return this.#headByContent(reference)
    if (response.status !== 200) throw await this.#client.failure(request, response, 'pull')
    const digest = this.#statedDigest(reference, response)
    const length = response.headers['content-length'] ?? ''
    if (digest === undefined || !/^\d{1,15}$/.test(length)) return this.#headByContent(reference)
    return {digest, mediaType: mediaType(response), sizeBytes: Number(length)}
  }

  async #headByContent(reference: string): Promise<ManifestHead | undefined> {
    const content = await this.get(reference)
    return content && {digest: content.digest, mediaType: content.mediaType, sizeBytes: content.bytes.byteLength}
  }

  async get(reference: string): Promise<ManifestContent | undefined> {
    return isDigest(reference) ? this.#getOnce(reference) : this.#get(reference)
  }

  /** Reads the content of a digest once, since it never changes. Concurrent callers share a request. */
  async #getOnce(digest: Digest): Promise<ManifestContent | undefined> {
    const read = this.#cache.get(digest)
    if (read !== undefined) return read
    const reading = this.#inFlight.get(digest) ?? this.#get(digest)
    this.#inFlight.set(digest, reading)
    try {
      const content = await reading
      if (content !== undefined && this.#isCacheable(content)) this.#cache.set(digest, content)
      return content
    } finally {
      this.#inFlight.delete(digest)
    }
  }

  #isCacheable({bytes}: ManifestContent): boolean {
    return this.#cache.size < maxCached && bytes.byteLength <= maxCachedBytes
  }

  async #get(reference: string): Promise<ManifestContent | undefined> {
    const request = this.#readRequest('GET', reference)
    const response = await this.#client.call(request)
    if (response.status === 404) return undefined
    if (response.status !== 200) throw await this.#client.failure(request, response, 'pull')
    const digest = digestOf(response.body)
    const stated = this.#statedDigest(reference, response) ?? (isDigest(reference) ? reference : digest)
    if (stated !== digest) throw corrupt(this.#name(stated), digest)
    return {digest, mediaType: mediaType(response), bytes: response.body}
  }

  async put(reference: string, content: ManifestContent, proceed?: () => Promise<boolean>): Promise<boolean> {
    const digest = digestOf(content.bytes)
    if (digest !== content.digest || (isDigest(reference) && reference !== digest)) {
      throw corrupt(this.#name(isDigest(reference) ? reference : content.digest), digest)
    }
    const request: RegistryRequest = {
      method: 'PUT',
      target: this.#target(reference),
      label: `manifests/${reference}`,
      scopes: [writing(this.#path)],
      headers: {'content-type': content.mediaType},
      body: content.bytes,
      timeoutMs: this.#client.timeoutMs * writeFactor,
    }
    const response = await this.#send(request, proceed)
    if (response === undefined) return false
    if (response.status < 200 || response.status > 299) {
      await this.#requireStored(reference, digest, {request, response})
      return true
    }
    const stated = this.#statedDigest(digest, response) ?? digest
    if (stated !== digest) throw corrupt(`${this.#name(digest)} after the push`, stated)
    this.#recordReferrer(content, response.headers['oci-subject'])
    return true
  }

  /**
   * Manifests that this client pushed and the registry accepted as referrers of this digest
   * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests-with-subject).
   */
  acceptedReferrers(subject: Digest): readonly Descriptor[] {
    return this.#acceptedReferrers.get(subject) ?? []
  }

  #recordReferrer({digest, mediaType, bytes}: ManifestContent, subject: string | undefined): void {
    if (subject === undefined || !isDigest(subject)) return
    const descriptor = {mediaType, digest, sizeBytes: bytes.byteLength, platform: undefined}
    this.#acceptedReferrers.set(subject, [...this.acceptedReferrers(subject), descriptor])
  }

  /**
   * Throws the error of a refused push, unless the registry already has the content: an earlier response to the push to an
   * immutable tag may have been lost, and Oracle's registry reports a conflict for each repeated push.
   */
  async #requireStored(
    reference: string,
    digest: Digest,
    {request, response}: {request: RegistryRequest; response: RegistryResponse},
  ): Promise<void> {
    const failure = await this.#client.failure(request, response, 'push')
    const isImmutable = failure instanceof TagboatError && failure.code === 'tag-immutable'
    if ((isImmutable || response.status === 409) && (await this.head(reference))?.digest === digest) return
    throw failure
  }

  async delete(reference: string, proceed?: () => Promise<boolean>): Promise<boolean> {
    const request: RegistryRequest = {
      method: 'DELETE',
      target: this.#target(reference),
      label: `manifests/${reference}`,
      scopes: [deleting(this.#path)],
    }
    const response = await this.#send(request, proceed)
    if (response === undefined) return false
    const isGone = response.status === 404 || (response.status >= 200 && response.status < 300)
    if (!isGone) throw await this.#client.failure(request, response, 'delete')
    return true
  }

  async #send(
    request: RegistryRequest,
    proceed: (() => Promise<boolean>) | undefined,
  ): Promise<RegistryResponse | undefined> {
    return proceed === undefined ? this.#client.call(request) : this.#client.callWhile(request, proceed)
  }

  #readRequest(method: 'GET' | 'HEAD', reference: string): RegistryRequest {
    return {
      method,
      target: this.#target(reference),
      label: `manifests/${reference}`,
      scopes: [reading(this.#path)],
      headers: {accept: manifestMediaTypes.join(', ')},
    }
  }

  /**
   * Digest in `Docker-Content-Digest`. Undefined if the header is missing, or has another algorithm.
   * @throws TagboatError `content-corrupt` if it is not a digest, or differs from the requested one.
   */
  #statedDigest(reference: string, {headers}: RegistryResponse): Digest | undefined {
    const stated = headers['docker-content-digest']
    if (stated === undefined || stated === '') return undefined
    if (!isDigest(stated)) {
      if ((algorithmOf(stated) ?? 'sha256') !== 'sha256') return undefined
      throw corrupt(`${this.#name(reference)}, by its Docker-Content-Digest`, redactText(stated, this.#client.hide))
    }
    if (isDigest(reference) && stated !== reference) throw corrupt(this.#name(reference), stated)
    return stated
  }

  #target(reference: string): string {
    return `${this.#path}/manifests/${reference}`
  }

  #name(reference: string): string {
    return `${this.#client.host}/${this.#path}${isDigest(reference) ? '@' : ':'}${reference}`
  }
}

/** Limits of the cache, which ordinary images do not reach. */
const maxCached = 64
const maxCachedBytes = 256 * 1024

/** Factor of the timeout of a PUT: some registries take long to check the entries of an index. */
const writeFactor = 4

/**
 * Media type of the response if it is a manifest type, else that of the manifest, so that other registries accept it.
 */
function mediaType({headers, body}: RegistryResponse): string {
  const stated = (headers['content-type'] ?? '').replace(/;.*$/s, '').trim()
  if (manifestMediaTypes.some((type) => type === stated)) return stated
  const declared = field(parseJson(body), 'mediaType')
  return typeof declared === 'string' && /^[\w.+-]+\/[\w.+-]+$/.test(declared) ? declared : stated
}
