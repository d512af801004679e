import type {Secret} from '../errors/secret.ts'
import type {Digest} from '../oci/digest.ts'
import type {Platform} from '../oci/platform.ts'
import type {Repository, TagRef} from '../oci/reference.ts'
import type {Line, TextPlace} from './syntax/lists.ts'
import type {KeyValue} from './syntax/key-value.ts'

export interface ImageInput {
  readonly repository: Repository
  /** `true`, `false` or an expression; the image takes part when it renders to `true`. */
  readonly enable: string
  /** 1-based column in the line where the text of `enable` begins; absent when none is written. */
  readonly enableColumn?: number
  readonly line: number
}

/** How the tag list is shaped as a whole; `flavor` of docker/metadata-action. Prefix and suffix may hold expressions. */
export interface Flavor {
  readonly latest: 'auto' | 'true' | 'false'
  readonly prefix: string
  /** Where the prefix begins; absent when none is written. */
  readonly prefixPlace?: TextPlace
  readonly prefixOnLatest: boolean
  readonly suffix: string
  readonly suffixPlace?: TextPlace
  readonly suffixOnLatest: boolean
}

export interface EnvironmentInput {
  readonly name: string
  readonly style: 'suffix' | 'repository'
}

/** Where the version for rules that need one comes from. */
export type VersionInput =
  /** `given`: written by the user, and so worth looking for a version tag on the commit of a branch. */
  | {readonly kind: 'auto'; readonly given: boolean}
  | {readonly kind: 'literal'; readonly text: string}
  /** `PATH` or `PATH#REGEX`. */
  | {readonly kind: 'file'; readonly path: string}

export interface VariantInput {
  readonly name: string
  readonly isDefault: boolean
}

/** Levels of an annotation (docker buildx build --annotation). */
export type AnnotationLevel = 'manifest' | 'index' | 'manifest-descriptor' | 'index-descriptor'

/** An annotation, perhaps with levels of its own (`index:key=value`) instead of those of `annotation-levels`. */
export interface AnnotationInput extends KeyValue {
  readonly levels: readonly AnnotationLevel[] | undefined
}

export interface ImageInputs {
  /** Empty: `ghcr.io/<owner>/<repository>`. */
  readonly images: readonly ImageInput[]
  /** Rules, literal tags and whole references, not parsed yet (tags/parse-rule does). Empty: the default strategy. */
  readonly tags: readonly Line[]
  readonly flavor: Flavor
  readonly environment: EnvironmentInput | undefined
  readonly component: string | undefined
  readonly version: VersionInput
  readonly variant: VariantInput | undefined
  readonly uniqueBranchTags: boolean
  readonly metadataContext: 'workflow' | 'git'
  /** Templates are not rendered yet; an empty value removes the label. */
  readonly labels: readonly KeyValue[]
  readonly annotations: readonly AnnotationInput[]
  /** Undefined: by the number of platforms. */
  readonly annotationLevels: readonly AnnotationLevel[] | undefined
  readonly maxTagLength: number
}

/** `NAME=value`; a bare `NAME` (no value) takes the value of that variable of this step, as Docker's own flag does. */
export interface BuildArgument {
  readonly key: string
  readonly value: string | undefined
}

/** A build secret whose value stands in the workflow: goes to the child through its environment. */
export interface SecretValue {
  readonly id: string
  readonly value: Secret
}

/** The inputs of docker/build-push-action that become flags of `docker buildx build`, parsed and checked. */
export interface BuildInputs {
  readonly context: string
  readonly file: string | undefined
  readonly target: string | undefined
  readonly builder: string | undefined
  readonly platforms: readonly Platform[]
  readonly buildArgs: readonly BuildArgument[]
  readonly buildContexts: readonly KeyValue[]
  readonly secrets: readonly SecretValue[]
  /** id → name of a variable of this step's environment. */
  readonly secretEnvs: readonly KeyValue[]
  /** id → path. */
  readonly secretFiles: readonly KeyValue[]
  readonly ssh: readonly string[]
  readonly addHosts: readonly string[]
  readonly allow: readonly string[]
  readonly attests: readonly string[]
  /** As written: `true`, `false`, `mode=max`, …; undefined when the input is empty. */
  readonly provenance: string | undefined
  readonly sbom: string | undefined
  readonly cacheFrom: readonly string[]
  readonly cacheTo: readonly string[]
  readonly cache: 'off' | 'auto' | 'gha' | 'registry'
  readonly noCache: boolean
  readonly noCacheFilters: readonly string[]
  readonly pull: boolean
  readonly network: string | undefined
  readonly shmSize: string | undefined
  readonly ulimit: readonly string[]
  readonly cgroupParent: string | undefined
  readonly load: boolean
  /** As `--output` takes them; none of them pushes. */
  readonly outputs: readonly string[]
  readonly image: ImageOutput
  readonly call: string | undefined
  /** Times come from the commit: two builds of one commit give the same digest. */
  readonly reproducible: boolean
}

/** A further node of a new builder; undefined fields as Buildx has them by default. */
export interface NodeInput {
  readonly name: string | undefined
  readonly endpoint: string | undefined
  readonly driverOpts: readonly string[]
  readonly buildkitdFlags: string | undefined
  readonly platforms: readonly Platform[]
}

/** Who builds: the inputs of docker/setup-buildx-action, and emulation. */
export interface BuilderInputs {
  readonly driver: 'auto' | 'docker' | 'docker-container' | 'remote' | 'kubernetes'
  /** `KEY=VALUE`, as Buildx takes them. */
  readonly driverOpts: readonly string[]
  readonly buildkitdFlags: string | undefined
  /** Path of a file. */
  readonly buildkitdConfig: string | undefined
  /** TOML. */
  readonly buildkitdConfigInline: string | undefined
  readonly endpoint: string | undefined
  /** `append`. */
  readonly nodes: readonly NodeInput[]
  readonly keepState: boolean
  readonly qemu: 'auto' | 'always' | 'never'
  readonly qemuImage: string
  /** In the order to ask them. */
  readonly mirrors: readonly Mirror[]
}

/** Another place for the images of a registry. */
export interface Mirror {
  /** Normalised host; Docker Hub is `docker.io`. */
  readonly registry: string
  /** `host[:port][/path]`; the path stands before the names of images. */
  readonly location: string
  /** It speaks plain HTTP. */
  readonly http: boolean
  readonly line: number
}

/** One registry login. Which input it came from stands beside it, for messages. */
export interface CredentialInput {
  /** Normalised host; Docker Hub is `docker.io`. */
  readonly host: string
  readonly username: string
  readonly password: Secret
  readonly source: 'inputs' | 'registry-auth'
  /** Line of `registry-auth`. */
  readonly line?: number
}

export interface CredentialInputs {
  readonly logins: readonly CredentialInput[]
  readonly exportLogin: boolean
  /** The job's token: for ghcr.io, the API and Git contexts. */
  readonly githubToken: Secret | undefined
}

/** How a published tag may change. */
export interface TagPolicy {
  readonly floating: 'auto' | 'always' | 'never'
  readonly ifExists: 'verify' | 'skip' | 'fail' | 'overwrite'
  readonly onStale: 'skip' | 'fail' | 'overwrite'
}

export interface PublishInputs {
  readonly push: 'auto' | 'true' | 'false'
  readonly policy: TagPolicy
  /** Further tries of a request to a registry. */
  readonly retries: number
  /** A script that decides whether a staged image may be tagged; undefined when there is none. */
  readonly test: string | undefined
  readonly dryRun: boolean
  readonly summary: boolean
}

/** How outputs are written; the names of docker/metadata-action. */
export interface OutputInputs {
  readonly tagSeparator: string
  readonly labelSeparator: string
  readonly annotationSeparator: string
  readonly bakeTarget: string
}

/** What a promote starts from: digests that were staged before, or a published reference. */
export interface PromoteInputs {
  readonly sources: readonly PromoteSource[]
}

/** A digest, perhaps with the repository that holds it; or a reference by tag. */
export type PromoteSource =
  | {readonly kind: 'digest'; readonly digest: Digest; readonly repository: Repository | undefined}
  | {readonly kind: 'tag'; readonly reference: TagRef}

export interface Inputs {
  readonly image: ImageInputs
  readonly build: BuildInputs
  readonly builder: BuilderInputs
  readonly credentials: CredentialInputs
  readonly publish: PublishInputs
  readonly promote: PromoteInputs
  readonly output: OutputInputs
}

/** What the input `outputs` says of the image of this run: the one that is published, or kept by the builder where nothing is. */
export interface ImageOutput {
  /** Some output is that image; else outputs with names of their own shape it. */
  readonly isAsked: boolean
  /** Attributes of BuildKit's exporters, such as `compression`. */
  readonly attributes: readonly KeyValue[]
  /** Attributes of the builder's own image store, such as `unpack`. */
  readonly storage: readonly KeyValue[]
  readonly annotations: readonly AnnotationInput[]
  /** Names in outputs that push: published like whole references in `tags`. */
  readonly references: readonly {readonly reference: TagRef; readonly line: number}[]
  /** Lines of the outputs that push. */
  readonly pushingLines: readonly number[]
  /** Lines of the outputs whose name is that of an image in a registry, and which do not say whether they push. */
  readonly stayingLines: readonly number[]
}
