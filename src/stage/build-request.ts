import path from 'node:path'
import type {BuildRequest} from '../buildx/arguments.ts'
import {alwaysMakesIndex, forPlatform, isIndexLevel, makesIndex, withoutIndexLevels} from '../buildx/image-index.ts'
import type {Destination} from '../buildx/outputs.ts'
import type {GitContext} from '../context/git-context.ts'
import {runPrefix} from '../credentials/config-directory.ts'
import {factKeys, ownRevisionKey} from '../oci/image-facts.ts'
import {statedRevision} from '../plan/plan.ts'
import type {Platform} from '../oci/platform.ts'
import type {TagRef} from '../oci/reference.ts'
import {floatingOf, versionsOf} from '../plan/version.ts'
import {annotationLevels, type Annotation, type Label} from '../tags/labels.ts'
import {definitionFacts, type BuildDefinition} from './build-definition.ts'
import type {Prepared} from '../prepare/prepare.ts'

/** Builder, directory and definition of a build. */
interface BuildSettings {
  /** Private directory of the run. */
  readonly directory: string
  /** Name of the builder. Undefined for the current one of Buildx. */
  readonly builder: string | undefined
  readonly definition: BuildDefinition
  /** Platform of a build without `platforms`; undefined if it is unknown. */
  readonly defaultPlatform?: Platform | undefined
}

/** Returns the request of one `docker buildx build`. Buildx writes its result files to `directory`. */
export function buildRequest(
  {inputs, context, plan, sourceDateEpoch, prefersPullHead}: Prepared,
  tags: readonly TagRef[],
  destination: Destination,
  {directory, builder, definition, defaultPlatform}: BuildSettings,
): BuildRequest {
  const {repository, server, run} = context
  const isReproducible = inputs.build.reproducible || sourceDateEpoch !== undefined
  const facts = factLabels(context, isReproducible, [
    [ownRevisionKey, statedRevision(plan) === undefined ? context.sha : undefined],
    [factKeys.version, versionsOf(plan.tags)],
    [factKeys.floating, floatingOf(plan.tags, inputs.publish.policy)],
    ...definitionFacts(definition),
  ])
  const output = {inputs: {...inputs.build, buildArgs: plan.buildArgs}, destination, tags}
  const hasIndex = inputs.build.platforms.length > 1 || alwaysMakesIndex(output)
  const levels = annotationLevels(inputs.image.annotationLevels, hasIndex)
  const annotations = [
    ...(hasIndex ? plan.annotationsWithIndex : plan.annotations),
    ...(inputs.image.withoutStandard.annotations ? [] : facts.map((fact) => ({...fact, levels}))),
  ]
  return {
    ...output,
    builder,
    labels: [...plan.labels, ...facts],
    annotations: annotationsOf(annotations, output, defaultPlatform),
    sourceDateEpoch,
    gitContext: `${server.url}/${repository.owner}/${repository.name}.git#${gitRevision(context, prefersPullHead)}`,
    gitToken: inputs.credentials.githubToken,
    builderId: `${run.url}/attempts/${run.attempt}`,
    metadataFile: path.join(directory, `${runPrefix}build-metadata.json`),
    imageIdFile: path.join(directory, `${runPrefix}image-id`),
  }
}

/** Annotations that BuildKit accepts and applies for the output of the build. */
function annotationsOf(
  annotations: readonly Annotation[],
  output: Pick<BuildRequest, 'inputs' | 'destination'>,
  defaultPlatform: Platform | undefined,
): readonly Annotation[] {
  const [platform = defaultPlatform, ...others] = output.inputs.platforms
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
  return `Annotations for an index are left out (${keys.join(', ')}): an image of one platform has no index without attestations in it. A promote adds them to the index that combines several platforms.`
}

/**
 * Labels by which a later run decides whether it is newer than the image, has a higher version, would build something
 * else, or whose tags it has. The ID and the ref of the run differ between runs of one commit, so a reproducible image
 * has only the date, in one spelling.
 */
function factLabels(
  {commitDate, run, fullRef}: GitContext,
  isReproducible: boolean,
  others: readonly Fact[],
): readonly Label[] {
  const known: readonly Fact[] = [
    [factKeys.commitDate, isReproducible ? inUtc(commitDate) : commitDate],
    [factKeys.runId, isReproducible ? undefined : run.id],
    [factKeys.ref, isReproducible ? undefined : fullRef],
    ...others,
  ]
  return known.flatMap(([key, value]) => (value === undefined || value === '' ? [] : [{key, value}]))
}

type Fact = readonly [key: string, value: string | undefined]

/** Returns the date in ISO 8601 and UTC; undefined for an invalid date. */
function inUtc(date: string | undefined): string | undefined {
  const time = Date.parse(date ?? '')
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}

/**
 * Git revision of the build: the commit, but for a pull request the ref, as in docker/build-push-action. Its merge
 * commit is not on any branch, and older versions of BuildKit fetch only branches. The commit of `pull_request_target`
 * is that of the base, since its secrets are not for code of the pull request. With `prefersHead` it is the tip of the
 * pull request's branch instead of the merge with the base.
 */
function gitRevision({event, instead, ...context}: GitContext, prefersHead: boolean): string {
  // An additional context has the commit of the event, whatever the main context has.
  const {ref, sha, fullRef} = instead ?? context
  if (event !== 'pull_request' || ref.kind !== 'pull') return sha === '' ? fullRef : sha
  return prefersHead ? fullRef.replace(/\/merge$/, '/head') : fullRef
}
