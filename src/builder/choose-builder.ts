import {builderSettings} from '../inputs/builder-inputs.ts'
import type {BuilderInputs, BuildInputs} from '../inputs/inputs.ts'
import type {Platform} from '../oci/platform.ts'
import {missingPlatforms, platformNames, type Builder} from '../buildx/inspect.ts'
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
  | {readonly kind: 'use'; readonly name: string | undefined; readonly reason: string}
  | {
      readonly kind: 'create'
      readonly driver: CreatedDriver
      readonly reason: string
      /** What the run does without where nothing can be created; undefined: it cannot do without. */
      readonly spared?: string
    }
  | {readonly kind: 'refuse'; readonly message: string; readonly evidence: string; readonly remedy: string}

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
  if (name !== undefined) return {kind: 'use', name, reason: 'the input `builder` names it'}
  if (driver === 'docker') return undefined
  if (driver !== 'auto') return {kind: 'create', driver, reason: `the input \`driver\` is ${driver}`}
  const given = builderSettings({driver, ...settings})
  if (given.length === 0) return undefined
  const names = given.map((input) => `\`${input}\``).join(', ')
  return {kind: 'create', driver: 'docker-container', reason: `only a new one can have what ${names} asks for`}
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
  if (lacks.length === 0) return {kind: 'use', name: undefined, reason: `it ${abilities(needs)}`}
  const reason = `the current one ("${found.name}", ${found.driver}) cannot ${sentence(lacks)}`
  const spared = lacks.some(({must}) => must) ? {} : {spared: sentence(lacks)}
  return {kind: 'create', driver: 'docker-container', reason, ...spared}
}

/** `Builder: default (docker), since it …` */
export function choiceLine(
  choice: Exclude<BuilderChoice, {kind: 'refuse'}>,
  found: BuilderFeatures | undefined,
): string {
  const who = choice.kind === 'create' ? `new ${choice.driver}` : `${found?.name ?? ''} (${found?.driver ?? ''})`
  return `Builder: ${who}, since ${choice.reason}`
}

interface Lack {
  /** Behind `cannot`. */
  readonly what: string
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
  return missing.length === 0 ? [] : [{what: `run ${platformNames(missing)}`, must: true}]
}

function lacksWithoutContainerd(needs: BuilderNeeds): readonly Lack[] {
  const lacks: readonly (Lack & {readonly isNeeded: boolean})[] = [
    {isNeeded: needs.platforms.length > 1, what: 'build several platforms', must: true},
    // It can push with the tags of the plan: no transaction, but an image.
    {isNeeded: needs.staging, what: 'hand over an image before it has tags', must: false},
    {isNeeded: needs.cacheExport !== 'none', what: 'export a cache', must: needs.cacheExport === 'required'},
    {isNeeded: needs.attestations, what: 'make attestations', must: true},
    {isNeeded: needs.rewrittenTimes, what: 'rewrite the times of files', must: true},
    {
      isNeeded: needs.shape.length > 0,
      what: `give an image what \`outputs\` asks for (${needs.shape.join(', ')})`,
      must: true,
    },
  ]
  return lacks.filter(({isNeeded}) => isNeeded)
}

function insist({name}: BuilderFeatures, lacks: readonly Lack[]): BuilderChoice {
  if (lacks.length === 0) return {kind: 'use', name, reason: 'the input `driver` is docker'}
  return {
    kind: 'refuse',
    message: `The engine's own builder, which \`driver: docker\` insists on, cannot ${sentence(lacks)}.`,
    evidence: 'the engine has no containerd image store',
    remedy: 'Set `driver: auto` or `docker-container` for a builder that can, or turn on the containerd image store.',
  }
}

function sentence(lacks: readonly Lack[]): string {
  return lacks.map(({what}) => what).join(', ')
}

function abilities({platforms, staging, cacheExport, attestations, rewrittenTimes}: BuilderNeeds): string {
  const words = [
    ...(platforms.length > 1 ? [`${platforms.length} platforms`] : []),
    ...(staging ? ['staging'] : []),
    ...(cacheExport === 'none' ? [] : ['export of the cache']),
    ...(attestations ? ['attestations'] : []),
    ...(rewrittenTimes ? ['rewritten times'] : []),
  ]
  return words.length === 0 ? 'can do all that is asked' : `can do all that is asked: ${words.join(', ')}`
}

/** As the inputs `provenance` and `sbom` are written. */
function isOn(value: string | undefined): boolean {
  return value !== undefined && !/^(?:false|0)$/i.test(value) && !/\bdisabled=true\b/.test(value)
}
