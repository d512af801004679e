import path from 'node:path'
import type {BuildRequest} from '../buildx/arguments.ts'
import {forPlatform, isIndexLevel, makesIndex, withoutIndexLevels} from '../buildx/image-index.ts'
import type {Destination} from '../buildx/outputs.ts'
import type {GitContext} from '../context/git-context.ts'
import {runPrefix} from '../credentials/docker-home.ts'
import {factKeys, ownRevisionKey} from '../oci/image-facts.ts'
import {statedRevision} from '../plan/plan.ts'
import type {Platform} from '../oci/platform.ts'
import type {TagRef} from '../oci/reference.ts'
import {floatingOf, versionsOf} from '../plan/version.ts'
import {annotationLevels, type Annotation, type Label} from '../tags/labels.ts'
import {makingTraces, type Making} from './build-definition.ts'
import type {Prepared} from '../prepare/prepare.ts'

/** Where, and from what, a build is made. */
interface BuildPlace {
  /** For files of this run alone. */
  readonly directory: string
  /** The builder's name; undefined for Buildx's current one. */
  readonly builder: string | undefined
  /** What the image says of its making. */
  readonly making: Making
  /** Platform that the builder builds for without `platforms`; undefined if it is unknown. */
  readonly ownPlatform?: Platform | undefined
}

/** What one `docker buildx build` is asked for. Files that are only for this run are made in `directory`. */
export function buildRequest(
  {inputs, context, plan, sourceDateEpoch, prefersPullHead}: Prepared,
  tags: readonly TagRef[],
  destination: Destination,
  {directory, builder, making, ownPlatform}: BuildPlace,
): BuildRequest {
  const {repository, server, run} = context
  const isReproducible = inputs.build.reproducible || sourceDateEpoch !== undefined
  const traces = tracesOf(context, isReproducible, [
    [ownRevisionKey, statedRevision(plan) === undefined ? context.sha : undefined],
    [factKeys.version, versionsOf(plan.tags)],
    [factKeys.floating, floatingOf(plan.tags, inputs.publish.policy)],
    ...makingTraces(making),
  ])
  const levels = annotationLevels(inputs.image.annotationLevels, inputs.build.platforms.length)
  const annotations = [
    ...plan.annotations,
    ...(inputs.image.withoutStandard.annotations ? [] : traces.map((trace) => ({...trace, levels}))),
  ]
  const output = {inputs: {...inputs.build, buildArgs: plan.buildArgs}, destination}
  return {
    ...output,
    builder,
    tags,
    labels: [...plan.labels, ...traces],
    annotations: annotationsOf(annotations, output, ownPlatform),
    sourceDateEpoch,
    gitContext: `${server.url}/${repository.owner}/${repository.name}.git#${gitRevision(context, prefersPullHead)}`,
    gitToken: inputs.credentials.githubToken,
    builderId: `${run.url}/attempts/${run.attempt}`,
    metadataFile: path.join(directory, `${runPrefix}build-metadata.json`),
    imageIdFile: path.join(directory, `${runPrefix}image-id`),
  }
}

/** Annotations that BuildKit accepts and applies, given what the build exports. */
function annotationsOf(
  annotations: readonly Annotation[],
  output: Pick<BuildRequest, 'inputs' | 'destination'>,
  ownPlatform: Platform | undefined,
): readonly Annotation[] {
  const [platform = ownPlatform, ...others] = output.inputs.platforms
  const applicable = platform === undefined || others.length > 0 ? annotations : forPlatform(annotations, platform)
  return makesIndex(output) ? applicable : withoutIndexLevels(applicable)
}

/**
 * Notice about annotations for an index that are left out, because the build exports none; undefined without such
 * annotations. A stage of one platform leaves them to the promote.
 */
export function leftOutNotice({inputs, destination}: BuildRequest, {plan}: Pick<Prepared, 'plan'>): string | undefined {
  const keys = plan.annotations.filter(({levels}) => levels.some(isIndexLevel)).map(({key}) => key)
  if (keys.length === 0 || destination.kind === 'none' || makesIndex({inputs, destination})) return undefined
  return `Annotations for an index are left out (${keys.join(', ')}): an image of one platform without attestations has no index. A promote adds them to the index that combines several platforms.`
}

/**
 * Labels with which a later run decides whether it is newer, has a higher version, or has another build definition. A
 * reproducible image does not state its run, and states the commit date in UTC, because every run of a commit must
 * produce the same image.
 */
function tracesOf({commitDate, run}: GitContext, isReproducible: boolean, others: readonly Trace[]): readonly Label[] {
  const known: readonly Trace[] = [
    [factKeys.commitDate, isReproducible ? inUtc(commitDate) : commitDate],
    [factKeys.runId, isReproducible ? undefined : run.id],
    ...others,
  ]
  return known.flatMap(([key, value]) => (value === undefined || value === '' ? [] : [{key, value}]))
}

type Trace = readonly [key: string, value: string | undefined]

function inUtc(date: string | undefined): string | undefined {
  const time = Date.parse(date ?? '')
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}

/**
 * The commit; for a pull request the ref, as docker/build-push-action has it: no branch holds its merge commit, and older
 * BuildKit fetches branches alone. Not so for `pull_request_target`, whose commit is the base's: its secrets are not for
 * code of the pull request. `prefersHead`: the tip of the pull request's branch instead of its merge with the base.
 */
function gitRevision({event, instead, ...context}: GitContext, prefersHead: boolean): string {
  // A further context is still the event's commit, whatever the main one is.
  const {ref, sha, fullRef} = instead ?? context
  if (event !== 'pull_request' || ref.kind !== 'pull') return sha === '' ? fullRef : sha
  return prefersHead ? fullRef.replace(/\/merge$/, '/head') : fullRef
}
