import {builderSettings} from '../inputs/spec/builder-settings.ts'
import type {BuilderInputs, BuildInputs} from '../inputs/inputs.ts'
import {formatPlatform, type Platform} from '../oci/platform.ts'
import {
  formatBuilderReason,
  type BuilderAbility,
  type BuilderLack,
  type BuilderReason,
} from '../reasons/builder-reasons.ts'
import {missingPlatforms, type Builder} from '../buildx/inspect.ts'
import {isEmulable} from './emulation/emulators.ts'
import {rewritesTimes, shapeOf, stagingOf} from '../buildx/outputs.ts'

/** Features of an existing builder that the choice depends on. */
export type BuilderFeatures = Pick<Builder, 'name' | 'driver' | 'staging' | 'platforms'>

/** Requirements of a plan on its builder. */
export interface BuilderNeeds {
  readonly platforms: readonly Platform[]
  /** Whether the image must leave the builder without a tag. */
  readonly staging: boolean
  /** `required` by `cache-to`; `wanted` by `cache`, which is optional. */
  readonly cacheExport: 'none' | 'wanted' | 'required'
  readonly attestations: boolean
  /** Whether files get the time of the commit (`reproducible`). */
  readonly rewrittenTimes: boolean
  /** Attributes of the published image in `outputs`, such as `compression`. */
  readonly shape: readonly string[]
}

/** Drivers of builders that Buildx can create. */
export type CreatedDriver = Exclude<BuilderInputs['driver'], 'auto' | 'docker'>

export type BuilderChoice =
  /** `name` is the value of `--builder`; undefined for the current builder. */
  | {readonly kind: 'use'; readonly name: string | undefined; readonly reason: BuilderReason}
  | {
      readonly kind: 'create'
      readonly driver: CreatedDriver
      readonly reason: BuilderReason
      /** Features that the run can do without if no builder can be created; undefined when all are required. */
      readonly optionalLoss?: readonly BuilderLack[]
    }
  /** The engine's own builder, which `driver: docker` requires, lacks something. */
  | {readonly kind: 'refuse'; readonly lacks: readonly BuilderLack[]}

/** Derives the requirements from the inputs. `pushes`: the run publishes an image. */
export function needsOf(inputs: BuildInputs, pushes: boolean): BuilderNeeds {
  const {platforms, cache, cacheTo, attests, provenance, sbom, image} = inputs
  const exportsCache = cacheTo.some((target) => !/\btype=inline\b/.test(target))
  return {
    platforms,
    staging: pushes && stagingOf(inputs, 'push-by-digest') !== 'none',
    cacheExport: exportsCache ? 'required' : cache === 'off' ? 'none' : 'wanted',
    attestations: attests.length > 0 || isOn(provenance) || isOn(sbom),
    rewrittenTimes: rewritesTimes(inputs),
    shape: pushes ? shapeOf(image) : [],
  }
}

/**
 * Choice that the inputs alone determine: a named builder, or a new one. Undefined when it depends on the existing
 * builder: the current one or, with `driver: docker`, that of the engine.
 */
export function choiceFromInputs(
  {driver, ...settings}: BuilderInputs,
  name: string | undefined,
): BuilderChoice | undefined {
  if (name !== undefined) return {kind: 'use', name, reason: {code: 'builder-named'}}
  if (driver === 'docker') return undefined
  if (driver !== 'auto') return {kind: 'create', driver, reason: {code: 'driver-chosen', driver}}
  const given = builderSettings({driver, ...settings})
  if (given.length === 0) return undefined
  return {kind: 'create', driver: 'docker-container', reason: {code: 'builder-settings', inputs: given}}
}

/** Choice that depends on the features of the existing builder. */
export function chooseBuilder(
  driver: Extract<BuilderInputs['driver'], 'auto' | 'docker'>,
  found: BuilderFeatures,
  needs: BuilderNeeds,
): BuilderChoice {
  const lacks = lacksOf(found, needs)
  if (driver === 'docker')
    return requireEngineBuilder(
      found,
      lacks.filter(({must}) => must),
    )
  if (lacks.length === 0) {
    return {kind: 'use', name: undefined, reason: {code: 'builder-suits', needs: abilities(needs)}}
  }
  const missing = lacks.map(({lack}) => lack)
  const reason = {code: 'builder-lacks', name: found.name, driver: found.driver, lacks: missing} as const
  const optionalLoss = lacks.some(({must}) => must) ? {} : {optionalLoss: missing}
  return {kind: 'create', driver: 'docker-container', reason, ...optionalLoss}
}

/** Log line of a choice: `Builder: default (docker), since it can do everything that is needed`. */
export function choiceLine(
  choice: Exclude<BuilderChoice, {kind: 'refuse'}>,
  found: BuilderFeatures | undefined,
): string {
  const who = choice.kind === 'create' ? `new ${choice.driver}` : `${found?.name ?? ''} (${found?.driver ?? ''})`
  return `Builder: ${who}, since ${formatBuilderReason(choice.reason)}`
}

interface MissingFeature {
  readonly lack: BuilderLack
  /** Whether the run requires the feature; otherwise there is a fallback. */
  readonly must: boolean
}

/**
 * Features that a builder lacks. Only the builder of an engine without the containerd image store lacks features
 * (https://docs.docker.com/build/builders/drivers/). A missing platform counts only when a new builder could run it: not
 * when the existing builder uses the kernel of this machine too, and not when no emulator exists for the platform.
 */
function lacksOf({driver, staging, platforms}: BuilderFeatures, needs: BuilderNeeds): readonly MissingFeature[] {
  if (driver === 'docker') return staging === 'none' ? lacksWithoutContainerd(needs) : []
  if (driver === 'docker-container') return []
  const missing = missingPlatforms({platforms}, needs.platforms).filter((platform) => isEmulable({platforms}, platform))
  return missing.length === 0
    ? []
    : [{lack: {code: 'run-platforms', platforms: missing.map(formatPlatform)}, must: false}]
}

function lacksWithoutContainerd(needs: BuilderNeeds): readonly MissingFeature[] {
  const lacks: readonly (MissingFeature & {readonly isNeeded: boolean})[] = [
    {isNeeded: needs.platforms.length > 1, lack: {code: 'several-platforms'}, must: true},
    // Fallback: it pushes with the tags of the plan, without a transaction.
    {isNeeded: needs.staging, lack: {code: 'staging'}, must: false},
    {isNeeded: needs.cacheExport !== 'none', lack: {code: 'cache-export'}, must: needs.cacheExport === 'required'},
    {isNeeded: needs.attestations, lack: {code: 'attestations'}, must: true},
    {isNeeded: needs.rewrittenTimes, lack: {code: 'rewritten-times'}, must: true},
    {
      isNeeded: needs.shape.length > 0,
      lack: {code: 'image-options', options: needs.shape},
      must: true,
    },
  ]
  return lacks.filter(({isNeeded}) => isNeeded)
}

function requireEngineBuilder({name}: BuilderFeatures, lacks: readonly MissingFeature[]): BuilderChoice {
  return lacks.length === 0
    ? {kind: 'use', name, reason: {code: 'driver-chosen', driver: 'docker'}}
    : {kind: 'refuse', lacks: lacks.map(({lack}) => lack)}
}

function abilities({
  platforms,
  staging,
  cacheExport,
  attestations,
  rewrittenTimes,
}: BuilderNeeds): readonly BuilderAbility[] {
  return [
    ...(platforms.length > 1 ? [{code: 'several-platforms', count: platforms.length} as const] : []),
    ...(staging ? [{code: 'staging'} as const] : []),
    ...(cacheExport === 'none' ? [] : [{code: 'cache-export'} as const]),
    ...(attestations ? [{code: 'attestations'} as const] : []),
    ...(rewrittenTimes ? [{code: 'rewritten-times'} as const] : []),
  ]
}

/** Reports whether the input `provenance` or `sbom` enables attestations. */
function isOn(value: string | undefined): boolean {
  return value !== undefined && !/^(?:false|0)$/i.test(value) && !/\bdisabled=true\b/.test(value)
}
