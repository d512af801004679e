import {TagboatError} from '../errors/error.ts'
import {callBuilds} from '../inputs/call.ts'
import type {BuildInputs} from '../inputs/inputs.ts'
import type {KeyValue} from '../inputs/syntax/key-value.ts'
import {csvField, formatOutput, parseOutput} from '../inputs/syntax/output-entry.ts'
import {formatRepository, formatTagRef, type Repository, type TagRef} from '../oci/reference.ts'
import type {Builder, Staging} from './inspect.ts'

/** Where the image goes, besides what the inputs `load` and `outputs` say. */
export type Destination =
  | {readonly kind: 'none'}
  /** BuildKit pushes all tags. */
  | {readonly kind: 'tags'}
  /** BuildKit pushes to these repositories, and tags nothing; or with this one tag, where a registry shows nothing without. */
  | {readonly kind: 'digest'; readonly repositories: readonly Repository[]; readonly tag?: string}
  /** An OCI image layout in this directory, which need not exist yet. */
  | {readonly kind: 'layout'; readonly directory: string}

export interface OutputRequest {
  readonly inputs: BuildInputs
  readonly tags: readonly TagRef[]
  readonly destination: Destination
}

/**
 * How a build is staged by a builder that can do `able`. Buildx has one digest to report for all outputs of a build, and
 * their attestations differ: where another image is made beside the staged one, the layout says which digest is which.
 */
export function stagingOf(inputs: BuildInputs, able: Staging): Staging {
  if (able === 'none') return 'none'
  return inputs.load || hasOutput(inputs, imageTypes) ? 'oci-layout' : able
}

/** Where there is a layout, it is loaded as it is; images of several outputs would have several digests. */
export function loadsByBuildx({inputs, destination}: OutputRequest): boolean {
  return inputs.load && namesImages(destination)
}

/**
 * Every output says its own names and whether it pushes. Buildx's flags `--tag`, `--push` and `--load` are for all outputs of a
 * build: a tag replaces the name of each image, and a push pushes each of them (buildx, build/opt.go and commands/build.go).
 */
export function outputFlags(request: OutputRequest): readonly string[] {
  const {inputs, tags} = request
  const written = inputs.outputs.map((output) => named(output, tags))
  const all = [...written, ...loadOutput(request), ...ownOutput(request)]
  return all.flatMap((output) => ['--output', inputs.reproducible ? rewritten(output) : output])
}

/** Whether an image comes out of the build. */
export function makesImage(request: OutputRequest): boolean {
  const {inputs, destination} = request
  return destination.kind !== 'none' || inputs.load || isKept(request) || hasOutput(inputs, imageTypes)
}

/** Whether one of the user's own outputs has one of these types. */
export function hasOutput({outputs}: Pick<BuildInputs, 'outputs'>, types: readonly string[]): boolean {
  return outputs.some((output) => types.includes(typeOf(output)))
}

/** Whether files of the image get other times than those that they were built with. */
export function rewritesTimes({reproducible, image}: Pick<BuildInputs, 'reproducible' | 'image'>): boolean {
  return reproducible || image.attributes.some(({key, value}) => key === rewriteKey && value !== 'false')
}

/** What the user asks of the published image, by names of attributes. */
export function shapeOf({attributes, annotations}: BuildInputs['image']): readonly string[] {
  return [...attributes, ...annotations].map(({key}) => key)
}

/** @throws TagboatError `builder-unsuited` when the builder would push an image without what `outputs` asks of it. */
export function requireShape({name, driver, staging}: Builder, {image}: BuildInputs): void {
  const shape = shapeOf(image)
  if (shape.length === 0 || driver !== 'docker' || staging !== 'none') return
  throw new TagboatError('builder-unsuited', {
    message: `The builder "${name}" cannot give an image what \`outputs\` asks for: ${shape.join(', ')}.`,
    evidence: [`driver ${driver}: its engine has no containerd image store`],
  })
}

const imageTypes = ['image', 'oci', 'docker']
const rewriteKey = 'rewrite-timestamp'

function typeOf(output: string): string {
  const parsed = parseOutput(output)
  return parsed.ok ? parsed.entry.type : ''
}

function namesImages({kind}: Destination): boolean {
  return kind === 'none' || kind === 'tags'
}

/** What the input `load` asks for, unless an output of the user's does the same. */
function loadOutput(request: OutputRequest): readonly string[] {
  const {inputs, tags} = request
  if (!loadsByBuildx(request) || writesLoad(inputs)) return []
  return [named(formatOutput([['type', 'docker'], ...fieldsOf(inputs.image.attributes)]), tags)]
}

/** Whether an output of the user's loads the image under the tags of the plan. */
function writesLoad({outputs}: BuildInputs): boolean {
  return outputs.includes('type=docker')
}

/**
 * The image of this run, shaped as the input `outputs` says. All names in one output: several outputs would give several
 * digests. `store=false`: a BuildKit with an image store would keep the image there under the repository's name, and two
 * that share one could not do that at the same time. A layout gets its attestations as a push does, of one platform too
 * (`attestation-inline`): https://github.com/moby/buildkit/blob/master/README.md#imageregistry
 */
function ownOutput(request: OutputRequest): readonly string[] {
  const {inputs, tags, destination} = request
  const shape = fieldsOf(inputs.image.attributes)
  switch (destination.kind) {
    case 'none': {
      const kept = formatOutput([['type', 'image'], ...shape, ...fieldsOf(inputs.image.storage)])
      return isKept(request) ? [named(kept, tags)] : []
    }
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
    case 'layout': {
      const place = csvField(`dest=${destination.directory}`)
      return [['type=oci,tar=false,attestation-inline=true', place, ...formatted(shape)].join(',')]
    }
  }
}

function fieldsOf(attributes: readonly KeyValue[]): readonly (readonly [string, string])[] {
  return attributes.map(({key, value}) => [key, value] as const)
}

function formatted(fields: readonly (readonly [string, string])[]): readonly string[] {
  return fields.length === 0 ? [] : [formatOutput(fields)]
}

/**
 * Files get the time of SOURCE_DATE_EPOCH too, where they would have a later one; without it only the image itself has
 * that time (https://github.com/moby/buildkit/blob/master/docs/build-repro.md).
 */
function rewritten(output: string): string {
  const parsed = parseOutput(output)
  const isImage = parsed.ok && imageTypes.includes(parsed.entry.type) && !parsed.entry.fields.has(rewriteKey)
  return isImage ? `${output},${rewriteKey}=true` : output
}

/** An output of an image gets the names of the plan, unless it has one of its own. */
function named(output: string, tags: readonly TagRef[]): string {
  const parsed = parseOutput(output)
  if (!parsed.ok || tags.length === 0) return output
  const {type, fields} = parsed.entry
  const takesNames = imageTypes.includes(type) && (fields.get('name') ?? '') === ''
  return takesNames ? `${output},${csvField(`name=${tags.map(formatTagRef).join(',')}`)}` : output
}

/**
 * A build that is neither pushed nor exported is kept as an image of the builder: so it has a digest with every driver.
 * Without an output, all but the docker driver would keep nothing but their cache. An image that is loaded has the same names,
 * and the engine's own builder cannot give one name to two images at the same time.
 */
function isKept({inputs, destination}: OutputRequest): boolean {
  if (destination.kind !== 'none' || !callBuilds(inputs.call)) return false
  return !inputs.load && !writesLoad(inputs) && (inputs.image.hasImageOutput || inputs.outputs.length === 0)
}
