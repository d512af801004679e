import {callBuilds} from '../inputs/call.ts'
import type {BuildInputs} from '../inputs/inputs.ts'
import {formatRepository, formatTagRef, type Repository, type TagRef} from '../oci/reference.ts'
import type {Staging} from './inspect.ts'

/** Where the image goes, besides what the inputs `load` and `outputs` say. */
export type Destination =
  | {readonly kind: 'none'}
  /** BuildKit pushes all tags. */
  | {readonly kind: 'tags'}
  /** BuildKit pushes to these repositories, and tags nothing. */
  | {readonly kind: 'digest'; readonly repositories: readonly Repository[]}
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
 * An output that pushes by itself is pushed as it was written, with all tags.
 */
export function stagingOf(inputs: BuildInputs, able: Staging): Staging {
  if (able === 'none' || inputs.outputs.some(pushes)) return 'none'
  return inputs.load || hasOutput(inputs, imageTypes) ? 'oci-layout' : able
}

/** `--tag`, where names of the image may be tags: BuildKit cannot push a tag by digest. */
export function tagFlags({tags, destination}: OutputRequest): readonly string[] {
  return namesByFlag(destination) ? tags.flatMap((tag) => ['--tag', formatTagRef(tag)]) : []
}

/** Where there is a layout, it is loaded as it is; images of several outputs would have several digests. */
export function loadFlags(request: OutputRequest): readonly string[] {
  return loadsByFlag(request) ? ['--load'] : []
}

/** Whether Buildx loads the image. */
export function loadsByFlag({inputs, destination}: OutputRequest): boolean {
  return inputs.load && namesByFlag(destination)
}

export function outputFlags(request: OutputRequest): readonly string[] {
  const {inputs, tags, destination} = request
  const byFlag = namesByFlag(destination)
  const written = byFlag ? inputs.outputs : inputs.outputs.map((output) => named(output, tags))
  const own = isKept(request) || lacksPush(request) ? ['type=image'] : []
  const all = [...written, ...own, ...destinationOutput(destination)]
  return all.flatMap((output) => ['--output', inputs.reproducible ? rewritten(output) : output])
}

/** Whether an image comes out of the build. */
export function makesImage(request: OutputRequest): boolean {
  const {inputs, destination} = request
  return destination.kind !== 'none' || inputs.load || isKept(request) || hasOutput(inputs, [...imageTypes, 'registry'])
}

/** Whether one of the user's own outputs has one of these types. */
export function hasOutput({outputs}: Pick<BuildInputs, 'outputs'>, types: readonly string[]): boolean {
  return outputs.some((output) => types.some((type) => new RegExp(`\\btype=${type}\\b`).test(output)))
}

/** `out`, `-`: one field without a type is a directory, or standard output (buildx, util/buildflags/export.go). */
export function isPlainPath(output: string): boolean {
  return !output.includes(',') && !/^"?type=/.test(output)
}

/** One field of the comma-separated values that Buildx reads in a flag. */
export function csvField(field: string): string {
  return /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}

const imageTypes = ['image', 'oci', 'docker']

function namesByFlag({kind}: Destination): boolean {
  return kind === 'none' || kind === 'tags'
}

/**
 * All names in one output: several outputs would give several digests. `store=false`: a BuildKit with an image store would keep
 * the image there under the repository's name, and two that share one could not do that at the same time. A layout gets its attestations as a push does, of
 * one platform too (`attestation-inline`): https://github.com/moby/buildkit/blob/master/README.md#imageregistry
 */
function destinationOutput(destination: Destination): readonly string[] {
  switch (destination.kind) {
    case 'none':
      return []
    case 'tags':
      return []
    case 'digest': {
      const names = nameField(destination.repositories.map(formatRepository))
      return [`type=image,${names},push-by-digest=true,name-canonical=true,push=true,store=false`]
    }
    case 'layout':
      return [`type=oci,tar=false,attestation-inline=true,${csvField(`dest=${destination.directory}`)}`]
  }
}

/**
 * Files get the time of SOURCE_DATE_EPOCH too, where they would have a later one; without it only the image itself has
 * that time (https://github.com/moby/buildkit/blob/master/docs/build-repro.md).
 */
function rewritten(output: string): string {
  const isImage = hasOutput({outputs: [output]}, [...imageTypes, 'registry'])
  return isImage && !/(?:^|,)"?rewrite-timestamp=/.test(output) ? `${output},rewrite-timestamp=true` : output
}

/** `--push` alone stands for an output without attributes, and this one needs some. */
function lacksPush({inputs, destination}: OutputRequest): boolean {
  return inputs.reproducible && destination.kind === 'tags' && !hasOutput(inputs, ['image', 'registry'])
}

function nameField(names: readonly string[]): string {
  return csvField(`name=${names.join(',')}`)
}

/** What `--tag` does for an output of the user's that holds an image; one with names of its own keeps them. */
function named(output: string, tags: readonly TagRef[]): string {
  const takesNames = hasOutput({outputs: [output]}, imageTypes) && !/(?:^|,)"?name=/.test(output)
  return takesNames && tags.length > 0 ? `${output},${nameField(tags.map(formatTagRef))}` : output
}

function pushes(output: string): boolean {
  return /\btype=registry\b|(?:^|,)"?push=(?:true|1)\b/i.test(output)
}

/**
 * A build that is neither pushed nor exported is kept as an image of the builder: so it has a digest with every driver.
 * Without an output, all but the docker driver would keep nothing but their cache.
 */
function isKept({inputs, destination}: OutputRequest): boolean {
  const goesSomewhere = destination.kind !== 'none' || inputs.load || inputs.outputs.length > 0
  return !goesSomewhere && callBuilds(inputs.call)
}
