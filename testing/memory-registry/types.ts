import type {Digest} from '../../src/oci/digest.ts'
import type {HttpRequest} from '../../src/io/http.ts'

/** What a registry was asked, as its log keeps it and as the hooks see it. */
export interface RecordedRequest {
  /** Counted from 1, over all that this registry was asked. */
  readonly number: number
  /** The client that asked. */
  readonly client: string
  readonly method: HttpRequest['method']
  readonly host: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Of the answer that was sent; undefined until then, and where no answer came. */
  readonly status: number | undefined
}

/** A request whose body has arrived. */
export interface IncomingRequest extends Pick<RecordedRequest, 'client' | 'method' | 'path' | 'query' | 'headers'> {
  /** `https://host`, as the client calls this registry. */
  readonly origin: string
  readonly body: Buffer
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Before the effect of the request, or after it: a PUT that took effect, and whose answer was lost. */
type When = 'before' | 'after'

/** What goes wrong with a request. */
export type Fault =
  /** Another answer than the registry's own. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
      readonly when?: When
    }
  /** The connection ends without an answer (ECONNRESET). */
  | {readonly kind: 'reset'; readonly when?: When}
  /** Nothing comes, until the client's signal is aborted. */
  | {readonly kind: 'hang'; readonly when?: When}
  /** Nothing came in the time that the client waits; that time does not pass. */
  | {readonly kind: 'timeout'; readonly when?: When}
  /** The effect, and the answer's head; after `bytes` of its body the connection ends with an error. */
  | {readonly kind: 'broken-body'; readonly bytes: number}
  /** The effect, and the answer's head; the body ends after `bytes` as if that were all of it. */
  | {readonly kind: 'cut-body'; readonly bytes: number}
  /** The effect; one byte of the answer's body is not what it was. */
  | {readonly kind: 'corrupt-body'}

/** A registry that anybody may use, one with a password, or one with a token server. */
export type RegistryAuth =
  {readonly kind: 'anonymous'} | ({readonly kind: 'basic'} & Basic) | ({readonly kind: 'bearer'} & Bearer)

export interface Basic {
  readonly users: Users
  /** `/v2/` answers 200 to anybody, and what is private is not there (404) for anonymous requests, as Artifactory can have it; false unless given. */
  readonly hides?: boolean
}

/** Passwords by user name. */
export type Users = Readonly<Record<string, string>>

export interface Bearer {
  readonly users: Users
  /** Valid identity tokens, each with its user. */
  readonly identityTokens?: Readonly<Record<string, string>>
  /** Host of the token server; `auth.` and the registry's host, unless given. */
  readonly tokenHost?: string
  /** What the token server says in `expires_in`, and when tokens end; 300 unless given. `unsaid` leaves the field out: 60 s. */
  readonly lifetimeSeconds?: number | 'unsaid'
  /** Milliseconds since 1970. A clock that stands still, unless given. */
  readonly now?: () => number
  /** What a user may do in a repository; everything unless given. Somebody unknown is undefined, and may do nothing unless this says so. */
  readonly allows?: (user: string | undefined, repository: string) => readonly Action[]
  /** How a token of too small a scope is answered; 401 unless given, as distribution does. */
  readonly deniedStatus?: 401 | 403
}

export type Action = 'pull' | 'push' | 'delete'

export interface MemoryRegistryOptions {
  /** As image references begin; `registry.example` unless given. */
  readonly host?: string
  readonly auth?: RegistryAuth
  /** Whether `tags/list` answers, or with which refusal; false is 405. */
  readonly listsTags?: boolean | 401 | 403 | 404 | 405
  /** The most names of a page of tags; all unless given. */
  readonly pageSize?: number
  /** The referrers API; true unless given. */
  readonly referrers?: boolean
  /** A tag `sha256-<hex>` is taken for the digest that it names, as GitLab has it; false unless given. */
  readonly digestTags?: boolean
  /** A manifest is not there for who asks by its digest until a tag leads to it, as in older releases of Quay; false unless given. */
  readonly hidesUntagged?: boolean
  /**
   * Tags that cannot be deleted or written again once they exist, not even with what they hold, as Amazon ECR has it
   * (https://github.com/aws/containers-roadmap/issues/2179).
   */
  readonly immutable?: (repository: string, tag: string) => boolean
  /** An immutable tag takes again what it holds, as Harbor has it; false unless given. */
  readonly immutableTakesSame?: boolean
  /** Whether `DELETE` of a tag, and of a manifest, is supported; true unless given. False is 405; 400 is what distribution 2.8 has for tags. */
  readonly deletes?: {readonly tags?: boolean | 400; readonly manifests?: boolean}
  /** Whether `Location` and `Link` are paths or whole addresses; whole addresses unless given. */
  readonly locations?: 'absolute' | 'relative'
  /** `GET` of a blob leads to this origin with 307, such as `https://cdn.example`. */
  readonly blobOrigin?: string
  /** Whether a blob is taken over from another repository; true unless given. */
  readonly mounts?: boolean
  /** Whether `POST` with a digest takes the blob at once; true unless given. Where it does not, an upload begins. */
  readonly singlePost?: boolean
  /** `OCI-Chunk-Min-Length`; none unless given. */
  readonly minimumChunkBytes?: number
  /** A request with a larger body is answered with 413. */
  readonly largestBodyBytes?: number
  /** Asked once for each request. `count` is how often this method and path was asked, this time included. */
  readonly fault?: (request: RecordedRequest, count: number) => Fault | undefined
  /** Awaited before the effect of each request, and again before its answer: a scheduler can say who goes on. */
  readonly schedule?: (label: string) => Promise<void>
}

export interface StoredManifest {
  readonly mediaType: string
  readonly bytes: Buffer
}

/** A tag that was written or deleted; `from` and `to` are the same where nothing changed. */
export interface TagMove {
  readonly client: string
  readonly repository: string
  readonly tag: string
  readonly from: Digest | undefined
  readonly to: Digest | undefined
}

/** All that a repository holds, in order of names. */
export interface RepositorySnapshot {
  readonly tags: Readonly<Record<string, Digest>>
  readonly manifests: readonly Digest[]
  readonly blobs: readonly Digest[]
}
