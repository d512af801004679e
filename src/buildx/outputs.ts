import {TagboatError} from '../errors/error.ts'
import {callBuilds} from '../inputs/call.ts'
import type {BuildInputs} from '../inputs/inputs.ts'
import type {KeyValue} from '../inputs/syntax/key-value.ts'
import {csvField, formatOutput, parseOutput} from '../inputs/syntax/output-entry.ts'
import {formatRepository, formatTagRef, type Repository, type TagRef} from '../oci/reference.ts'
import type {Builder, Staging} from './inspect.ts'

/** Destination of the image, besides those of the inputs `load` and `outputs`. */
export type Destination =
  | {readonly kind: 'none'}
  /** Buildx loads the image into the engine under these names only. */
  | {readonly kind: 'engine'; readonly names: readonly TagRef[]}
  /** BuildKit pushes all tags. */
  | {readonly kind: 'tags'}
  /** BuildKit pushes by digest to these repositories, or with `tag`, if a registry accepts no image without a tag. */
  | {readonly kind: 'digest'; readonly repositories: readonly Repository[]; readonly tag?: string}
  /** BuildKit pushes by digest to each of these repositories at the same time: a push for each output. */
  | {readonly kind: 'layers'; readonly repositories: readonly Repository[]}
  /** BuildKit writes the image to its content store, for these repositories, without a name in its image store. */
  | {readonly kind: 'content'; readonly repositories: readonly Repository[]}
  /** BuildKit exports an OCI image layout to this directory, which need not exist. */
  | {readonly kind: 'layout'; readonly directory: string}

export interface OutputRequest {
  readonly inputs: BuildInputs
  readonly tags: readonly TagRef[]
  readonly destination: Destination
}

/**
 * Way to stage a build with a builder that supports `able`. Buildx reports one digest for all outputs of a build,
 * although they differ in their attestations: if the build makes another image too, the layout identifies the staged
 * one.
 */
export function stagingOf(inputs: BuildInputs, able: Staging): Staging {
  if (able === 'none') return 'none'
  return inputs.load || hasOutput(inputs, imageTypes) ? 'oci-layout' : able
}

/**
 * Reports whether the image of a build can be read from the content store of its builder. BuildKit keeps there what its
 * cache and its history refer to, which layers with rewritten times do not belong to. One digest identifies all outputs,
 * so no other output may make an image.
 */
export function keepsContent({driver, nodes, staging, dials}: Builder, inputs: BuildInputs): boolean {
  const canRead = staging !== 'none' && dials && contentDrivers.includes(driver) && nodes.length === 1
  return canRead && callBuilds(inputs.call) && !inputs.load && !hasOutput(inputs, imageTypes) && !rewritesTimes(inputs)
}

/** Drivers whose BuildKit is usually on this machine, or near the network of this machine. */
const contentDrivers: readonly string[] = ['docker', 'docker-container', 'remote']

/**
 * Reports whether Buildx loads the image. A layout is loaded by Tagboat: an image of another output would have another
 * digest.
 */
export function loadsByBuildx({inputs, destination}: OutputRequest): boolean {
  return destination.kind === 'engine' || (inputs.load && namesImages(destination))
}

/**
 * Flags of the outputs, each with its own names and its own `push`. The flags `--tag`, `--push` and `--load` of Buildx
 * apply to all outputs of a build: a tag replaces the name of each image, and a push pushes each of them (buildx,
 * build/opt.go and commands/build.go).
 */
export function outputFlags(request: OutputRequest): readonly string[] {
  const {inputs, tags} = request
  const written = inputs.outputs.map((output) => named(output, tags))
  const all = [...written, ...loadOutput(request), ...imageOutput(request)]
  return all.flatMap((output) => ['--output', inputs.reproducible ? rewritten(output) : output])
}

/** Reports whether the build makes an image. */
export function makesImage(request: OutputRequest): boolean {
  const {inputs, destination} = request
  return destination.kind !== 'none' || inputs.load || isKept(request) || hasOutput(inputs, imageTypes)
}

/** Reports whether the input `outputs` has an output of one of these types. */
export function hasOutput({outputs}: Pick<BuildInputs, 'outputs'>, types: readonly string[]): boolean {
  return outputs.some((output) => types.includes(typeOf(output)))
}

/** Reports whether BuildKit rewrites the times of files in the image. */
export function rewritesTimes({reproducible, image}: Pick<BuildInputs, 'reproducible' | 'image'>): boolean {
  return reproducible || image.attributes.some(({key, value}) => key === rewriteKey && value !== 'false')
}

/** Names of the attributes and annotations that the input `outputs` sets for the published image. */
export function shapeOf({attributes, annotations}: BuildInputs['image']): readonly string[] {
  return [...attributes, ...annotations].map(({key}) => key)
}

/** Requires a builder that applies the attributes of `outputs`. @throws TagboatError `builder-unsuited` */
export function requireShape({name, driver, staging}: Builder, {image}: BuildInputs): void {
  const shape = shapeOf(image)
  if (shape.length === 0 || driver !== 'docker' || staging !== 'none') return
  throw new TagboatError('builder-unsuited', {
    message: `The builder "${name}" cannot apply these attributes of \`outputs\` to an image: ${shape.join(', ')}.`,
    evidence: [`driver ${driver}: its engine has no containerd image store`],
  })
}

const imageTypes = ['image', 'oci', 'docker']
/** Attributes of an image that the image store does not keep, not even without a name. */
const unkept = [
  ['store', 'false'],
  ['dangling-name-prefix', ''],
] as const
/** Attributes of an image that is pushed without a tag. */
const byDigest = [
  ['push-by-digest', 'true'],
  ['name-canonical', 'true'],
  ['push', 'true'],
  ['store', 'false'],
] as const
const mediaTypesKey = 'oci-mediatypes'
const rewriteKey = 'rewrite-timestamp'

function typeOf(output: string): string {
  const parsed = parseOutput(output)
  return parsed.ok ? parsed.entry.type : ''
}

function namesImages({kind}: Destination): boolean {
  return kind === 'none' || kind === 'tags'
}

/** Output for the input `load`, unless the input `outputs` has the same. */
function loadOutput(request: OutputRequest): readonly string[] {
  const {inputs, tags, destination} = request
  if (!loadsByBuildx(request) || writesLoad(inputs)) return []
  const names = destination.kind === 'engine' ? destination.names : tags
  return [named(formatOutput([['type', 'docker'], ...fieldsOf(inputs.image.attributes)]), names)]
}

/** Reports whether the input `outputs` loads the image under the tags of the plan. */
export function writesLoad({outputs}: Pick<BuildInputs, 'outputs'>): boolean {
  return outputs.includes('type=docker')
}

/**
 * Output of the image of this run, with the attributes of the input `outputs`. All names are in one output: several
 * outputs would have several digests. `store=false`: a BuildKit with an image store would keep the image under the name
 * of the repository, and two that share a store could not do so at the same time. An image that is read from the builder
 * has names too: BuildKit makes the subjects of its attestations from them. A layout contains the attestations as a push
 * does, also for a single platform (`attestation-inline`):
 * https://github.com/moby/buildkit/blob/master/README.md#imageregistry
 */
function imageOutput(request: OutputRequest): readonly string[] {
  const {inputs, tags, destination} = request
  const shape = fieldsOf(inputs.image.attributes)
  switch (destination.kind) {
    case 'none': {
      const kept = formatOutput([['type', 'image'], ...shape, ...fieldsOf(inputs.image.storage)])
      return isKept(request) ? [named(kept, tags)] : []
    }
    case 'engine':
      return []
    case 'tags':
      return [formatOutput([['type', 'image'], ['name', tags.map(formatTagRef).join(',')], ['push', 'true'], ...shape])]
    case 'digest': {
      const {repositories, tag} = destination
      const names = repositories.map((one) =>
        tag === undefined ? formatRepository(one) : formatTagRef({repository: one, tag}),
      )
      const name = names.join(',')
      const canonical = tag === undefined ? 'push-by-digest=true,name-canonical=true,' : ''
      const staged = `${canonical}push=true,store=false`
      return [['type=image', csvField(`name=${name}`), staged, ...formatted(shape)].join(',')]
    }
    case 'layers': {
      const staged = [...byDigest, ...ociTypes(inputs), ...shape]
      return destination.repositories.map((one) =>
        formatOutput([['type', 'image'], ['name', formatRepository(one)], ...staged]),
      )
    }
    case 'content':
      return [
        named(formatOutput([['type', 'image'], ['push', 'false'], ...unkept, ...ociTypes(inputs), ...shape]), tags),
      ]
    case 'layout': {
      const place = csvField(`dest=${destination.directory}`)
      return [named(['type=oci,tar=false,attestation-inline=true', place, ...formatted(shape)].join(','), tags)]
    }
  }
}

/** Attribute for the media types of OCI, unless the user has chosen. */
function ociTypes({image}: BuildInputs): readonly (readonly [string, string])[] {
  return image.attributes.some(({key}) => key === mediaTypesKey) ? [] : [[mediaTypesKey, 'true']]
}

function fieldsOf(attributes: readonly KeyValue[]): readonly (readonly [string, string])[] {
  return attributes.map(({key, value}) => [key, value] as const)
}

function formatted(fields: readonly (readonly [string, string])[]): readonly string[] {
  return fields.length === 0 ? [] : [formatOutput(fields)]
}

/**
 * Output in which files with a later time get that of SOURCE_DATE_EPOCH; otherwise only the image itself has that time
 * (https://github.com/moby/buildkit/blob/master/docs/build-repro.md).
 */
function rewritten(output: string): string {
  const parsed = parseOutput(output)
  const isImage = parsed.ok && imageTypes.includes(parsed.entry.type) && !parsed.entry.fields.has(rewriteKey)
  return isImage ? `${output},${rewriteKey}=true` : output
}

/** Output with the names of the plan, if it exports an image and has no name. */
function named(output: string, tags: readonly TagRef[]): string {
  const parsed = parseOutput(output)
  if (!parsed.ok || tags.length === 0) return output
  const {type, fields} = parsed.entry
  const takesNames = imageTypes.includes(type) && (fields.get('name') ?? '') === ''
  return takesNames ? `${output},${csvField(`name=${tags.map(formatTagRef).join(',')}`)}` : output
}

/**
 * Reports whether the image is kept in the builder. A build that is neither pushed nor exported is kept, so that it has
 * a digest with every driver: without an output, all drivers but docker keep only their cache. An image that is loaded
 * is not: the builder of the engine cannot give one name to two images at the same time.
 */
function isKept({inputs, destination}: OutputRequest): boolean {
  if (destination.kind !== 'none' || !callBuilds(inputs.call)) return false
  return !inputs.load && !writesLoad(inputs) && (inputs.image.hasImageOutput || inputs.outputs.length === 0)
}
