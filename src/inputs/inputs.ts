import type {CredentialInputs} from './credentials/credentials.ts'
import type {Secret} from '../errors/secret.ts'
import type {AttestationPlace} from '../oci/attestations.ts'
import type {Platform} from '../oci/platform.ts'
import type {Repository, TagRef} from '../oci/reference.ts'
import type {Line, ListItem, TextPlace} from './syntax/lists.ts'
import type {AnnotationLevel} from '../oci/annotation-level.ts'
import type {KeyValue} from './syntax/key-value.ts'
import type {PromoteInputs} from './promote-inputs.ts'
import type {PruneInputs} from './prune/policy.ts'
import type {SignInputs} from './sign-inputs.ts'
import type {ScanInputs} from './scan/scan-inputs.ts'
import type {SizeLimits, WrittenLimits} from './size-limits.ts'
import type {VerifyInputs} from './verify/demand.ts'
import type {TagPolicy} from './spec/tag-policy.ts'

export type {TagPolicy} from './spec/tag-policy.ts'

export interface ImageInput {
  /** Repository; undefined with a written `enable=false`, since the name of such a line can lack a part. */
  readonly repository: Repository | undefined
  /** `true`, `false` or an expression. The image is published if it renders to `true`. */
  readonly enable: string
  /** 1-based column of the value of `enable`, if set. */
  readonly enableColumn?: number
  readonly line: number
  /** Set by `required=false`: a failure to publish this image is a warning. */
  readonly isBestEffort?: true
}

/** Settings for all tags, as in docker/metadata-action. Prefix and suffix may contain expressions. */
export interface Flavor {
  readonly latest: 'auto' | 'true' | 'false'
  readonly prefix: string
  /** Position of the prefix, if set. */
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

/** Source of the version for rules that need one. */
export type VersionInput =
  /** `given`: set by the user, so that the version tags of a branch's commit are searched. */
  | {readonly kind: 'auto'; readonly given: boolean}
  | {readonly kind: 'literal'; readonly text: string}
  /** `PATH` or `PATH#REGEX`. */
  | {readonly kind: 'file'; readonly path: string}

export interface VariantInput {
  readonly name: string
  readonly isDefault: boolean
}

/** Annotation with optional levels (`index:key=value`) that override `annotation-levels`. */
export interface AnnotationInput extends KeyValue {
  readonly levels: readonly AnnotationLevel[] | undefined
}

export interface ImageInputs {
  /** Default: `ghcr.io/<owner>/<repository>`. */
  readonly images: readonly ImageInput[]
  /** Rules, literal tags and image references, parsed later by tags/rules. Default: the default strategy. */
  readonly tags: readonly Line[]
  readonly flavor: Flavor
  readonly environment: EnvironmentInput | undefined
  readonly component: string | undefined
  readonly version: VersionInput
  readonly variant: VariantInput | undefined
  readonly uniqueBranchTags: boolean
  readonly metadataContext: 'workflow' | 'git'
  /** Labels with templates that are rendered later. An empty value removes the label. */
  readonly labels: readonly KeyValue[]
  readonly annotations: readonly AnnotationInput[]
  /** Whether the word `none` switches off the standard labels and annotations. */
  readonly withoutStandard: Readonly<Record<'labels' | 'annotations', boolean>>
  /** Default: depends on the number of platforms. */
  readonly annotationLevels: readonly AnnotationLevel[] | undefined
  readonly maxTagLength: number
}

/** `NAME=value`, or `NAME` for the value of that environment variable, as in Docker. */
export interface BuildArgument {
  readonly key: string
  readonly value: string | undefined
  /** Position of a value with `{{`, which may contain expressions. */
  readonly place?: {readonly line: number; readonly column: number}
}

/** Build secret with its value. It is passed to Buildx in an environment variable. */
interface SecretValue {
  readonly id: string
  readonly value: Secret
}

/** Parsed inputs for the build, most of which are flags of `docker buildx build`. */
export interface BuildInputs {
  readonly context: string
  readonly file: string | undefined
  readonly target: string | undefined
  readonly builder: string | undefined
  readonly platforms: readonly Platform[]
  readonly buildArgs: readonly BuildArgument[]
  readonly buildContexts: readonly KeyValue[]
  readonly secrets: readonly SecretValue[]
  /** Ids with the names of environment variables. */
  readonly secretEnvs: readonly KeyValue[]
  /** Ids with paths. */
  readonly secretFiles: readonly KeyValue[]
  readonly ssh: readonly string[]
  readonly addHosts: readonly string[]
  readonly allow: readonly string[]
  readonly attests: readonly string[]
  /** Unparsed value, such as `true`, `false` or `mode=max`. */
  readonly provenance: string | undefined
  readonly sbom: string | undefined
  readonly attestations: AttestationPlace
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
  /** Values of `--output`. None of them pushes. */
  readonly outputs: readonly string[]
  readonly image: ImageOutput
  readonly call: string | undefined
  /** Whether timestamps are those of the commit, so that its builds have the same digest. */
  readonly reproducible: boolean
}

/** Additional node of a new builder. Buildx has defaults for undefined fields. */
export interface NodeInput {
  readonly name: string | undefined
  readonly endpoint: string | undefined
  readonly driverOpts: readonly string[]
  readonly buildkitdFlags: string | undefined
  readonly platforms: readonly Platform[]
}

/** Parsed inputs for the builder and for emulation. */
export interface BuilderInputs {
  readonly driver: 'auto' | 'docker' | 'docker-container' | 'remote' | 'kubernetes'
  /** Driver options as `KEY=VALUE`. */
  readonly driverOpts: readonly string[]
  readonly buildkitdFlags: string | undefined
  /** Path of a file. */
  readonly buildkitdConfig: string | undefined
  /** TOML. */
  readonly buildkitdConfigInline: string | undefined
  readonly endpoint: string | undefined
  /** Additional nodes (`append`). */
  readonly nodes: readonly NodeInput[]
  readonly keepState: boolean
  readonly qemu: 'auto' | 'always' | 'never'
  readonly qemuImage: string
  /** Mirrors in order of preference. */
  readonly mirrors: readonly Mirror[]
}

/** Mirror of a registry. */
export interface Mirror {
  /** Normalized host, `docker.io` for Docker Hub. */
  readonly registry: string
  /** `host[:port][/path]`. The path is a prefix of image names. */
  readonly location: string
  /** Whether it uses plain HTTP. */
  readonly http: boolean
  readonly line: number
}

export interface PublishInputs {
  readonly push: 'auto' | 'true' | 'false'
  readonly policy: TagPolicy
  /** Entries of `withdrawn`, parsed later by tags/versions. */
  readonly withdrawn: readonly ListItem[]
  /** Handling of the tags of a closed pull request or a deleted branch. */
  readonly closed: 'keep' | 'delete'
  /** Maximum number of retries of a registry request. */
  readonly retries: number
  /** Script that must succeed before a staged image is tagged. */
  readonly test: string | undefined
  readonly writtenLimits: WrittenLimits
  /** Parsed limits; absent if neither input is set. */
  readonly sizeLimits?: SizeLimits
  readonly dryRun: boolean
  /** Whether a dry run reads the registries. */
  readonly readsRegistry: boolean
  readonly summary: boolean
  readonly githubAttestation: 'false' | 'true' | 'required'
}

/** Parsed inputs for the format of outputs. */
export interface OutputInputs {
  readonly tagSeparator: string
  readonly labelSeparator: string
  readonly annotationSeparator: string
  readonly bakeTarget: string
}

export interface Inputs {
  readonly image: ImageInputs
  readonly build: BuildInputs
  readonly builder: BuilderInputs
  readonly credentials: CredentialInputs
  readonly publish: PublishInputs
  /** Absent if the image is not signed. */
  readonly sign?: SignInputs
  readonly promote: PromoteInputs
  /** Demands of signatures; undefined if there are none. */
  readonly verify: VerifyInputs | undefined
  /** Absent if the image is not scanned. */
  readonly scan?: ScanInputs | undefined
  readonly output: OutputInputs
  /** Inputs of the prune action; absent in other actions. */
  readonly prune?: PruneInputs
}

/** Settings of the input `outputs` for the image of this run, which is published or stays in the builder. */
export interface ImageOutput {
  /** Whether an output is the image of this run. Otherwise, outputs with other names set its attributes. */
  readonly hasImageOutput: boolean
  /** Attributes of BuildKit's exporters, such as `compression`. */
  readonly attributes: readonly KeyValue[]
  /** Attributes of the image store of the builder, such as `unpack`. */
  readonly storage: readonly KeyValue[]
  readonly annotations: readonly AnnotationInput[]
  /** Names in outputs that push. They are published like image references in `tags`. */
  readonly references: readonly {readonly reference: TagRef; readonly line: number}[]
  /** Line numbers of the outputs that push. */
  readonly pushingLines: readonly number[]
  /** Line numbers of the outputs that name an image in a registry without setting `push`. */
  readonly unpushedLines: readonly number[]
}
