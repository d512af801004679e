import type {Digest} from '../../src/oci/digest.ts'
import type {HttpRequest} from '../../src/io/http.ts'

/** Request as the registry records it. */
export interface RecordedRequest {
  /** Number of the request to this registry, counted from 1. */
  readonly number: number
  /** Name of the client. */
  readonly client: string
  readonly method: HttpRequest['method']
  readonly host: string
  /** Path without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Status of the answer. Undefined until it is sent. */
  readonly status: number | undefined
}

/** Request with its body. */
export interface IncomingRequest extends Pick<RecordedRequest, 'client' | 'method' | 'path' | 'query' | 'headers'> {
  /** `https://host`, as in the request. */
  readonly origin: string
  readonly body: Buffer
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Whether a fault occurs before or after the effect of the request. */
type When = 'before' | 'after'

/** Fault of a request. */
export type Fault =
  /** The request is answered differently. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
      readonly when?: When
    }
  /** The connection is reset without an answer (ECONNRESET). */
  | {readonly kind: 'reset'; readonly when?: When}
  /** The request is not answered until the client's signal is aborted. */
  | {readonly kind: 'hang'; readonly when?: When}
  /** The request fails with a timeout, without a delay. */
  | {readonly kind: 'timeout'; readonly when?: When}
  /** The request has its effect, and the connection is reset after `bytes` of the body of the answer. */
  | {readonly kind: 'broken-body'; readonly bytes: number}
  /** The request has its effect, and the body of the answer ends after `bytes`. */
  | {readonly kind: 'cut-body'; readonly bytes: number}
  /** The request has its effect, and one byte of the body of the answer is wrong. */
  | {readonly kind: 'corrupt-body'}

/** Authentication of a registry: none, a password, or tokens. */
export type RegistryAuth =
  {readonly kind: 'anonymous'} | ({readonly kind: 'basic'} & Basic) | ({readonly kind: 'bearer'} & Bearer)

export interface Basic {
  readonly users: Users
  /** Whether anonymous requests get 200 for `/v2/` and 404 for repositories, as in Artifactory. Default: false. */
  readonly hides?: boolean
}

/** Passwords by user name. */
export type Users = Readonly<Record<string, string>>

export interface Bearer {
  readonly users: Users
  /** Users by valid identity token. */
  readonly identityTokens?: Readonly<Record<string, string>>
  /** Host of the token server. Default: `auth.` and the host of the registry. */
  readonly tokenHost?: string
  /** Lifetime of tokens, and `expires_in`. Default: 300. With `unstated`, answers lack `expires_in`, and tokens live 60 s. */
  readonly lifetimeSeconds?: number | 'unstated'
  /** Milliseconds since 1970. Default: a stopped clock. */
  readonly now?: () => number
  /** Actions that a user may do in a repository. Default: all for users, and none for anonymous requests (undefined). */
  readonly allows?: (user: string | undefined, repository: string) => readonly Action[]
  /** Whether tokens are JWTs that state the access that they grant, as in distribution. Default: false. */
  readonly statesAccess?: boolean
  /** Status for a token with an insufficient scope. Default: 401, as in distribution. */
  readonly deniedStatus?: 401 | 403
}

export type Action = 'pull' | 'push' | 'delete'

export interface MemoryRegistryOptions {
  /** Registry part of image references. Default: `registry.example`. */
  readonly host?: string
  readonly auth?: RegistryAuth
  /** Whether tags can be listed, or the status of the refusal. False is 405. Default: true. */
  readonly listsTags?: boolean | 401 | 403 | 404 | 405
  /** Maximum number of tags per page. Default: no limit. */
  readonly pageSize?: number
  /** Whether the registry has the referrers API. Default: true. */
  readonly referrers?: boolean
  /** Whether a tag `sha256-<hex>` is read as a digest, as in GitLab. Default: false. */
  readonly digestTags?: boolean
  /** Whether untagged manifests cannot be read by digest, as in earlier releases of Quay. Default: false. */
  readonly hidesUntagged?: boolean
  /**
   * Whether a tag is immutable. An immutable tag cannot be deleted or written again, not even with its current digest, as
   * in Amazon ECR (https://github.com/aws/containers-roadmap/issues/2179).
   */
  readonly immutable?: (repository: string, tag: string) => boolean
  /** Whether an immutable tag can be written again with its current digest, as in Harbor. Default: false. */
  readonly immutableAcceptsSame?: boolean
  /**
   * Whether tags and manifests can be deleted. Default: true. False is 405. Distribution 2.8 answers 400 for tags. With
   * `image`, the deletion of a tag deletes its image with all tags.
   */
  readonly deletes?: {readonly tags?: boolean | 400 | 'image'; readonly manifests?: boolean}
  /** Whether `Location` and `Link` are absolute addresses (default) or paths. */
  readonly locations?: 'absolute' | 'relative'
  /** Origin of the storage, such as `https://cdn.example`, to which `GET` of a blob is redirected (307). */
  readonly blobOrigin?: string
  /** Whether blobs can be mounted from another repository. Default: true. */
  readonly mounts?: boolean
  /** Whether `POST` with a digest accepts the blob. Otherwise it starts an upload. Default: true. */
  readonly singlePost?: boolean
  /** `OCI-Chunk-Min-Length`. Default: none. */
  readonly minimumChunkBytes?: number
  /** Maximum size of the body of a request. A larger body is answered with 413. */
  readonly maxBodyBytes?: number
  /** Fault of a request. `count` is the number of requests with this method and path so far, including this one. */
  readonly fault?: (request: RecordedRequest, count: number) => Fault | undefined
  /** Hook that is awaited before the effect of each request, and before its answer. It can schedule concurrent requests. */
  readonly schedule?: (label: string) => Promise<void>
}

export interface StoredManifest {
  readonly mediaType: string
  readonly bytes: Buffer
}

/** Write or deletion of a tag. `from` and `to` are equal if nothing changed. */
export interface TagMove {
  readonly client: string
  readonly repository: string
  readonly tag: string
  readonly from: Digest | undefined
  readonly to: Digest | undefined
}

/** Content of a repository, sorted. */
export interface RepositorySnapshot {
  readonly tags: Readonly<Record<string, Digest>>
  readonly manifests: readonly Digest[]
  readonly blobs: readonly Digest[]
}
