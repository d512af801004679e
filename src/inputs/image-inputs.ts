import {parseRepository} from '../oci/reference.ts'
import {readAnnotationLevels, readLabelsAndAnnotations} from './annotation-inputs.ts'
import {readFlavor} from './flavor.ts'
import {readImages} from './image-list.ts'
import type {InputReader} from './input-reader.ts'
import type {EnvironmentInput, Flavor, ImageInputs, VariantInput, VersionInput} from './inputs.ts'
import {inputSpecs} from './spec/spec.ts'

/** Minimum of `max-tag-length`: a few characters and the hash of a derived tag (tags/sanitize). */
const leastTagLength = 8
const mostTagLength = 128

/** Reads the inputs for the image. */
export function readImageInputs(reader: InputReader): ImageInputs {
  const maxTagLength = reader.integer('max-tag-length', leastTagLength, mostTagLength)
  const variant = readVariant(reader, maxTagLength - leastTagLength)
  const variantLength = variant === undefined ? 0 : '-'.length + variant.name.length
  const flavor = readFlavor(reader)
  noteDoubledVariant(reader, flavor, variant)
  return {
    images: readImages(reader),
    tags: reader.list('tags').map(({text, number}) => ({text, number})),
    flavor,
    environment: readEnvironment(reader, maxTagLength - variantLength),
    component: readComponent(reader),
    version: readVersion(reader),
    variant,
    uniqueBranchTags: reader.boolean('unique-branch-tags'),
    metadataContext: reader.choice('metadata-context', inputSpecs['metadata-context'].choices),
    ...readLabelsAndAnnotations(reader),
    annotationLevels: readAnnotationLevels(reader),
    maxTagLength,
  }
}

/** Reports a suffix in `flavor` that repeats the variant, as in workflows written for docker/metadata-action. */
function noteDoubledVariant(
  reader: InputReader,
  {suffix, suffixPlace}: Flavor,
  variant: VariantInput | undefined,
): void {
  if (variant === undefined || !suffix.endsWith(`-${variant.name}`)) return
  const message = `tags end in ${suffix}-${variant.name}: \`variant\` adds its name to the suffix of \`flavor\``
  reader.notice('flavor', suffixPlace ?? {}, message)
}

function readEnvironment(reader: InputReader, maxTagLength: number): EnvironmentInput | undefined {
  const name = reader.optionalText('environment')
  const style = reader.choice('environment-style', inputSpecs['environment-style'].choices)
  if (name === undefined) return undefined
  const environment = {name, style}
  const reason = environmentProblem(environment, maxTagLength)
  if (reason === undefined) return environment
  reader.problem('environment', {}, reason, 'Use a short name of letters, digits and single dashes, such as staging.')
  return undefined
}

function environmentProblem({name, style}: EnvironmentInput, maxTagLength: number): string | undefined {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) return `"${name}" is not valid in a tag`
  if (style === 'repository') {
    // The parser has the rules for dots, dashes and underscores in an image name.
    const usable = parseRepository(`registry.example/app-${name.toLowerCase()}`).ok
    return usable ? undefined : `"${name}" is not valid in an image name`
  }
  const most = maxTagLength - leastTagLength - '-'.length
  return name.length <= most ? undefined : `"${name}" is too long for tags of at most ${maxTagLength} characters`
}

const filePrefix = 'file:'

/** Reads `version`: `auto`, `file:PATH`, `file:PATH#REGEX`, or a literal version. */
function readVersion(reader: InputReader): VersionInput {
  const text = reader.optionalText('version')
  if (text === undefined || text === 'auto') return {kind: 'auto', given: text !== undefined}
  if (text.startsWith(filePrefix)) return {kind: 'file', path: text.slice(filePrefix.length)}
  if (buildxSource.test(text)) {
    const message = 'it is the version of the image, but this names a Buildx, as in docker/setup-buildx-action'
    reader.problem('version', {}, message, 'Remove it: Tagboat uses the Buildx of the runner.')
  }
  if (isFileName(text)) reader.problem('version', {}, `"${text}" is a file`, `Did you mean "${filePrefix}${text}"?`)
  return {kind: 'literal', text}
}

/** Values of `version` of docker/setup-buildx-action that cannot be a version of an image. */
const buildxSource = /^(?:(?:lab|cloud):|https?:\/\/)/

/**
 * Reports whether a version looks like a file, such as `package.json`, `./VERSION` or `src/app.py#version = "(.*)"`. A slash
 * is not enough: with `version: ${{ github.ref_name }}`, the version may be the name of a branch.
 */
function isFileName(text: string): boolean {
  const [file = ''] = text.split('#', 1)
  const name = file.trim().replace(/^.*[/\\]/s, '')
  return /^\.{0,2}[/\\]/.test(text) || /^\.?version$/i.test(name) || extensions.test(name)
}

const extensions =
  /\.(?:json|toml|xml|properties|ya?ml|txt|sbt|gradle|kts|py|rb|js|ts|go|cs|csproj|props|cfg|ini|gemspec|exs)$/i

/** Reads the variant, which is a tag by itself and the end of other tags. `room` is the number of characters left for it. */
function readVariant(reader: InputReader, room: number): VariantInput | undefined {
  const name = reader.optionalText('variant')
  const isDefault = reader.boolean('default-variant')
  if (name === undefined) {
    if (isDefault)
      reader.problem('default-variant', {}, 'the input variant is empty', 'Set `variant`, or remove this input.')
    return undefined
  }
  const most = Math.min(64, room - '-'.length)
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) || name.length > most) {
    const remedy = `Use at most ${most} letters, digits, dots, dashes and underscores, such as alpine or python3.12.`
    reader.problem('variant', {}, `"${name}" is not valid in a tag`, remedy)
    return undefined
  }
  return {name, isDefault}
}

/** Reads `component`, the name at the beginning of its Git tags. */
function readComponent(reader: InputReader): string | undefined {
  const name = reader.optionalText('component')
  if (name === undefined || /^[A-Za-z0-9@][A-Za-z0-9._/-]*$/.test(name)) return name
  const remedy = 'Write the name at the beginning of the Git tags: api for api/v1.2.3, api-v1.2.3 or @scope/api@1.2.3.'
  reader.problem('component', {}, `"${name}" is not a valid component`, remedy)
  return undefined
}
