import type {Builder} from '../buildx/inspect.ts'
import type {BuildMetadata} from '../buildx/metadata.ts'
import type {BuildRecord} from '../buildx/progress/build-record.ts'
import type {BuilderName} from '../buildx/progress/progress.ts'
import type {ImageFacts} from '../oci/image-facts.ts'
import type {Digest} from '../oci/digest.ts'
import type {Repository} from '../oci/reference.ts'
import type {SignedImage} from '../signing/signed-image.ts'
import type {GateVerdict} from './gate-verdict.ts'
import type {PreviousImage, PublishedImage} from '../oci/published-image.ts'
import type {Plan} from '../plan/plan.ts'
import type {ExplainedRow} from '../promote/explained-rows.ts'

/** Attestation that GitHub has stored. */
export interface GitHubAttestation {
  readonly id: string
  /** Web page. */
  readonly url: string
}

export interface BuildReport {
  readonly metadata: BuildMetadata | undefined
  readonly imageId: string
  readonly builder: BuilderName | undefined
  /** Time from the start of the build to the end of the push, in milliseconds. */
  readonly durationMs: number
  readonly record?: BuildRecord
  /** Result of a `call` other than `build`, as Buildx prints it. */
  readonly callResult?: string | undefined
}

interface StagedReport {
  readonly digest: Digest
  readonly images: readonly PublishedImage[]
  /** Whether the image existed before this run. */
  readonly existing: boolean
  /** Outputs that Buildx does not report: those of an image that existed, or of a build with other outputs. */
  readonly imageMetadata?: ImageMetadata
}

/** Values of the outputs `metadata` and `imageid`. */
export interface ImageMetadata {
  readonly metadata: string
  readonly imageId: string
}

/** Image that was loaded into the engine. */
export interface LoadedImage {
  /** Line about the image and its names, for the log. */
  readonly line: string
  /** Image ID in this engine. Without the containerd image store, it is the digest of the configuration. */
  readonly imageId: string
}

/** Result of a run. A field is absent until its step is complete. */
export interface RunResult {
  /** Plan of the run, if the image to promote has narrowed it. */
  readonly plan?: Plan | undefined
  /** Builder of the run, when it was ready. */
  readonly builder?: Builder | undefined
  /** Image in the engine of the runner; absent if none was loaded. */
  readonly loaded?: LoadedImage | undefined
  /** Absent in a dry run, and when there was nothing to build. */
  readonly build?: BuildReport | undefined
  /** Commit of the image to promote, and the web page of its repository, as far as the image states them. */
  readonly promoted?: Pick<ImageFacts, 'revision' | 'source'> | undefined
  /** Present when the registries have the image by its digest: staged by this run, or before it. */
  readonly staged?: StagedReport | undefined
  /** Results of the gates that have run, in their order. */
  readonly gates?: readonly GateVerdict[] | undefined
  /** Signatures of the image; absent if it is not signed. */
  readonly signed?: SignedImage | undefined
  /** Path of the SARIF file of the scan. */
  readonly scanSarif?: string | undefined
  /** Versions that images of the registries state, by digest, as far as this run has read them. */
  readonly versions?: ReadonlyMap<Digest, string> | undefined
  /** Attestation of this run at GitHub; absent without one. */
  readonly attested?: GitHubAttestation | undefined
  /** Result of each reference; present when the run moves tags. */
  readonly rows?: readonly ExplainedRow[] | undefined
  /** Result that a real run would have for each reference; present in a dry run that reads the registries. */
  readonly preview?: readonly ExplainedRow[] | undefined
  /** Repositories with `required=false` that do not have all tags, because of a failure. */
  readonly unpublished?: readonly Repository[] | undefined
  /** References that were pushed but could not be verified, with the reason. */
  readonly unread?: readonly {readonly reference: string; readonly reason: string}[] | undefined
  /** Image that the first moved tag pointed to; absent if no tag moved, or if the image could not be read. */
  readonly previous?: PreviousImage | undefined
}

/** A failure with the result of the steps that were complete before it. Its cause is the failure itself. */
export class RunFailure extends Error {
  readonly done: RunResult

  constructor(done: RunResult, cause: unknown) {
    super('The run failed.', {cause})
    this.name = 'RunFailure'
    this.done = done
  }
}

/** Runs the next step of a run. A failure of the step carries `done`, the result of the steps before it. */
export async function after<T>(done: RunResult, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw error instanceof RunFailure
      ? new RunFailure(merged(done, error.done), error.cause)
      : new RunFailure(done, error)
  }
}

/** End of a run: its result, or that of the steps before the failure. */
export interface Outcome {
  readonly done: RunResult
  /** Absent if the run succeeded. */
  readonly failure?: {readonly error: unknown}
}

/** Runs `body` to its end. Never rejects. */
export async function outcomeOf(body: () => Promise<RunResult>): Promise<Outcome> {
  try {
    return {done: await body()}
  } catch (error) {
    return error instanceof RunFailure
      ? {done: error.done, failure: {error: error.cause}}
      : {done: {}, failure: {error}}
  }
}

/** Merges two results. A field that `later` lacks keeps its earlier value. */
function merged(earlier: RunResult, later: RunResult): RunResult {
  return {...earlier, ...Object.fromEntries(Object.entries(later).filter(([, value]) => value !== undefined))}
}
