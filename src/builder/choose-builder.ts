import {builderSettings} from '../inputs/builder-inputs.ts'
import type {BuilderInputs, BuildInputs} from '../inputs/inputs.ts'
import {formatPlatform, type Platform} from '../oci/platform.ts'
import type {BuilderAbility, BuilderLack, BuilderReason} from '../reasons/builder-reasons.ts'
import {formatReason} from '../reasons/reason.ts'
import {missingPlatforms, type Builder} from '../buildx/inspect.ts'
import {rewritesTimes, shapeOf, stagingOf} from '../buildx/outputs.ts'

/** What the choice looks at of a builder that is there. */
export type BuilderFeatures = Pick<Builder, 'name' | 'driver' | 'staging' | 'platforms'>

/** What a plan wants of its builder. */
export interface BuilderNeeds {
  readonly platforms: readonly Platform[]
  /** The image is to leave the builder without a tag. */
  readonly staging: boolean
  /** `required`: by `cache-to`; `wanted`: by `cache`, which does without where it must. */
  readonly cacheExport: 'none' | 'wanted' | 'required'
  readonly attestations: boolean
  /** `reproducible`: files get the time of the commit. */
  readonly rewrittenTimes: boolean
  /** What `outputs` says of the image that is published, such as `compression`. */
  readonly shape: readonly string[]
}

/** The drivers that Buildx creates builders of. */
export type CreatedDriver = Exclude<BuilderInputs['driver'], 'auto' | 'docker'>

export type BuilderChoice =
  /** `name`: for `--builder`; undefined for the current one. */
  | {readonly kind: 'use'; readonly name: string | undefined; readonly reason: BuilderReason}
  | {
      readonly kind: 'create'
      readonly driver: CreatedDriver
      readonly reason: BuilderReason
      /** What the run does without where nothing can be created; undefined: it cannot do without. */
      readonly spared?: readonly BuilderLack[]
    }
  /** The engine's own builder, on which `driver: docker` insists, lacks something. */
  | {readonly kind: 'refuse'; readonly lacks: readonly BuilderLack[]}

/** What a run asks of a builder; `pushes`: something is to be published. */
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
 * The choice where no builder has to be asked for it: one by name, or a new one that the inputs insist on. Undefined where
 * it depends on the builder that is there: the current one, or with `driver: docker` the engine's own.
 */
export function settledChoice(
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

/** The choice when the builder has been asked what it can. */
export function chooseBuilder(
  driver: Extract<BuilderInputs['driver'], 'auto' | 'docker'>,
  found: BuilderFeatures,
  needs: BuilderNeeds,
): BuilderChoice {
  const lacks = lacksOf(found, needs)
  if (driver === 'docker')
    return insist(
      found,
      lacks.filter(({must}) => must),
    )
  if (lacks.length === 0) {
    return {kind: 'use', name: undefined, reason: {code: 'builder-suits', needs: abilities(needs)}}
  }
  const missing = lacks.map(({lack}) => lack)
  const reason = {code: 'builder-lacks', name: found.name, driver: found.driver, lacks: missing} as const
  const spared = lacks.some(({must}) => must) ? {} : {spared: missing}
  return {kind: 'create', driver: 'docker-container', reason, ...spared}
}

/** Log line of a choice: `Builder: default (docker), since it can do everything that is needed`. */
export function choiceLine(
  choice: Exclude<BuilderChoice, {kind: 'refuse'}>,
  found: BuilderFeatures | undefined,
): string {
  const who = choice.kind === 'create' ? `new ${choice.driver}` : `${found?.name ?? ''} (${found?.driver ?? ''})`
  return `Builder: ${who}, since ${formatReason(choice.reason)}`
}

interface Lack {
  readonly lack: BuilderLack
  /** Without it the run cannot be what was asked for; else there is a lesser way. */
  readonly must: boolean
}

/**
 * Only the engine's own builder lacks anything, and only without the containerd image store
 * (https://docs.docker.com/build/builders/drivers/). A platform that it cannot run is no lack where it shares this
 * machine's kernel with any builder that could be created here: what emulates for the one emulates for the other.
 */
function lacksOf({driver, staging, platforms}: BuilderFeatures, needs: BuilderNeeds): readonly Lack[] {
  if (driver === 'docker') return staging === 'none' ? lacksWithoutContainerd(needs) : []
  if (driver === 'docker-container') return []
  const missing = missingPlatforms({platforms}, needs.platforms)
  return missing.length === 0
    ? []
    : [{lack: {code: 'run-platforms', platforms: missing.map(formatPlatform)}, must: true}]
}

function lacksWithoutContainerd(needs: BuilderNeeds): readonly Lack[] {
  const lacks: readonly (Lack & {readonly isNeeded: boolean})[] = [
    {isNeeded: needs.platforms.length > 1, lack: {code: 'several-platforms'}, must: true},
    // It can push with the tags of the plan: no transaction, but an image.
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

function insist({name}: BuilderFeatures, lacks: readonly Lack[]): BuilderChoice {
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

/** As the inputs `provenance` and `sbom` are written. */
function isOn(value: string | undefined): boolean {
  return value !== undefined && !/^(?:false|0)$/i.test(value) && !/\bdisabled=true\b/.test(value)
}
