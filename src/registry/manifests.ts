import {TagboatError} from '../errors/error.ts'
import {algorithmOf, digestOf, isDigest, type Digest} from '../oci/digest.ts'
import {field, manifestMediaTypes, parseJson, type Descriptor, type ManifestContent} from '../oci/manifest.ts'
import {corrupt} from './failure.ts'
import {redactText} from './redact.ts'
import type {ManifestHead} from './repository-client.ts'
import {deleting, reading, writing} from './auth/scope.ts'
import type {Answer, Call, Session} from './host-client.ts'

/** Tags and digests of one repository: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
export class Manifests {
  readonly #session: Session
  readonly #path: string
  readonly #taken = new Map<Digest, Descriptor[]>()
  readonly #read = new Map<Digest, ManifestContent>()
  readonly #inFlight = new Map<Digest, Promise<ManifestContent | undefined>>()

  constructor(session: Session, path: string) {
    this.#session = session
    this.#path = path
  }

  async head(reference: string): Promise<ManifestHead | undefined> {
    const call = this.#reading('HEAD', reference)
    const answer = await this.#session.call(call)
    // Some proxies and caches do not pass HEAD on, so a tag does not exist only when GET says so too.
    if (answer.status === 404) return isDigest(reference) ? undefined : this.#headByContent(reference)
    // Digest and length are optional in the answer to HEAD, and so is HEAD itself at some registries.
    if (answer.status === 405) return this.#headByContent(reference)
    if (answer.status !== 200) throw await this.#session.failure(call, answer, 'pull')
    const digest = this.#statedDigest(reference, answer)
    const length = answer.headers['content-length'] ?? ''
    if (digest === undefined || !/^\d{1,15}$/.test(length)) return this.#headByContent(reference)
    return {digest, mediaType: mediaType(answer), sizeBytes: Number(length)}
  }

  async #headByContent(reference: string): Promise<ManifestHead | undefined> {
    const content = await this.get(reference)
    return content && {digest: content.digest, mediaType: content.mediaType, sizeBytes: content.bytes.byteLength}
  }

  async get(reference: string): Promise<ManifestContent | undefined> {
    return isDigest(reference) ? this.#getOnce(reference) : this.#get(reference)
  }

  /** The content of a digest never changes, so it is read once. Concurrent callers share a request. */
  async #getOnce(digest: Digest): Promise<ManifestContent | undefined> {
    const read = this.#read.get(digest)
    if (read !== undefined) return read
    const reading = this.#inFlight.get(digest) ?? this.#get(digest)
    this.#inFlight.set(digest, reading)
    try {
      const content = await reading
      if (content !== undefined && this.#isKept(content)) this.#read.set(digest, content)
      return content
    } finally {
      this.#inFlight.delete(digest)
    }
  }

  #isKept({bytes}: ManifestContent): boolean {
    return this.#read.size < mostKept && bytes.byteLength <= maxKeptBytes
  }

  async #get(reference: string): Promise<ManifestContent | undefined> {
    const call = this.#reading('GET', reference)
    const answer = await this.#session.call(call)
    if (answer.status === 404) return undefined
    if (answer.status !== 200) throw await this.#session.failure(call, answer, 'pull')
    const digest = digestOf(answer.body)
    const stated = this.#statedDigest(reference, answer) ?? (isDigest(reference) ? reference : digest)
    if (stated !== digest) throw corrupt(this.#name(stated), digest)
    return {digest, mediaType: mediaType(answer), bytes: answer.body}
  }

  async put(reference: string, content: ManifestContent, proceed?: () => Promise<boolean>): Promise<boolean> {
    const digest = digestOf(content.bytes)
    if (digest !== content.digest || (isDigest(reference) && reference !== digest)) {
      throw corrupt(this.#name(isDigest(reference) ? reference : content.digest), digest)
    }
    const call: Call = {
      method: 'PUT',
      target: this.#target(reference),
      label: `manifests/${reference}`,
      scopes: [writing(this.#path)],
      headers: {'content-type': content.mediaType},
      body: content.bytes,
      timeoutMs: this.#session.timeoutMs * writeFactor,
    }
    const answer = await this.#sent(call, proceed)
    if (answer === undefined) return false
    if (answer.status < 200 || answer.status > 299) {
      await this.#refused(reference, digest, {call, answer})
      return true
    }
    const stated = this.#statedDigest(digest, answer) ?? digest
    if (stated !== digest) throw corrupt(`${this.#name(digest)} as it was taken`, stated)
    this.#note(content, answer.headers['oci-subject'])
    return true
  }

  /**
   * What this client put, and the registry said that it noted as a referrer of this digest
   * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests-with-subject).
   */
  taken(subject: Digest): readonly Descriptor[] {
    return this.#taken.get(subject) ?? []
  }

  #note({digest, mediaType, bytes}: ManifestContent, subject: string | undefined): void {
    if (subject === undefined || !isDigest(subject)) return
    const descriptor = {mediaType, digest, sizeBytes: bytes.byteLength, platform: undefined}
    this.#taken.set(subject, [...this.taken(subject), descriptor])
  }

  /** An immutable tag that holds this content already is no failure: the answer to an earlier try may have been lost. */
  async #refused(reference: string, digest: Digest, {call, answer}: {call: Call; answer: Answer}): Promise<void> {
    const failure = await this.#session.failure(call, answer, 'push')
    const isKept = failure instanceof TagboatError && failure.code === 'tag-immutable'
    if (isKept && (await this.head(reference))?.digest === digest) return
    throw failure
  }

  async delete(reference: string, proceed?: () => Promise<boolean>): Promise<boolean> {
    const call: Call = {
      method: 'DELETE',
      target: this.#target(reference),
      label: `manifests/${reference}`,
      scopes: [deleting(this.#path)],
    }
    const answer = await this.#sent(call, proceed)
    if (answer === undefined) return false
    const isGone = answer.status === 404 || (answer.status >= 200 && answer.status < 300)
    if (!isGone) throw await this.#session.failure(call, answer, 'delete')
    return true
  }

  async #sent(call: Call, proceed: (() => Promise<boolean>) | undefined): Promise<Answer | undefined> {
    return proceed === undefined ? this.#session.call(call) : this.#session.callWhile(call, proceed)
  }

  #reading(method: 'GET' | 'HEAD', reference: string): Call {
    return {
      method,
      target: this.#target(reference),
      label: `manifests/${reference}`,
      scopes: [reading(this.#path)],
      headers: {accept: manifestMediaTypes.join(', ')},
    }
  }

  /**
   * `Docker-Content-Digest`, where the registry sends it; one of another algorithm tells nothing of the bytes that is known here.
   * @throws TagboatError `content-corrupt` when it is none, or another than was asked for.
   */
  #statedDigest(reference: string, {headers}: Answer): Digest | undefined {
    const stated = headers['docker-content-digest']
    if (stated === undefined || stated === '') return undefined
    if (!isDigest(stated)) {
      if ((algorithmOf(stated) ?? 'sha256') !== 'sha256') return undefined
      throw corrupt(`${this.#name(reference)}, by its Docker-Content-Digest`, redactText(stated, this.#session.hide))
    }
    if (isDigest(reference) && stated !== reference) throw corrupt(this.#name(reference), stated)
    return stated
  }

  #target(reference: string): string {
    return `${this.#path}/manifests/${reference}`
  }

  #name(reference: string): string {
    return `${this.#session.host}/${this.#path}${isDigest(reference) ? '@' : ':'}${reference}`
  }
}

/** How many manifests are kept in memory, and up to which size: ordinary ones are fewer and smaller. */
const mostKept = 64
const maxKeptBytes = 256 * 1024

/** Registries check what an index names before they answer, and some are slow to. */
const writeFactor = 4

/** As the answer states it; where that is no type of a manifest, as the manifest itself does, so that another registry takes it. */
function mediaType({headers, body}: Answer): string {
  const stated = (headers['content-type'] ?? '').replace(/;.*$/s, '').trim()
  if (manifestMediaTypes.some((type) => type === stated)) return stated
  const own = field(parseJson(body), 'mediaType')
  return typeof own === 'string' && /^[\w.+-]+\/[\w.+-]+$/.test(own) ? own : stated
}
