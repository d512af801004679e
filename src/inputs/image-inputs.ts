import {parseRepository} from '../oci/reference.ts'
import {readAnnotationLevels, readAnnotations} from './annotation-inputs.ts'
import {readFlavor} from './flavor.ts'
import {readImages} from './image-list.ts'
import type {InputReader} from './input-reader.ts'
import type {EnvironmentInput, Flavor, ImageInputs, VariantInput, VersionInput} from './inputs.ts'
import {inputSpecs} from './spec/spec.ts'

/** A derived tag needs room for a few characters and its hash (tags/sanitize). */
const leastTagLength = 8
const mostTagLength = 128

/** The inputs that say what is published. */
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
    labels: reader.pairs('labels'),
    annotations: readAnnotations(reader),
    annotationLevels: readAnnotationLevels(reader),
    maxTagLength,
  }
}

/** Who comes from docker/metadata-action has the variant in the flavor already. */
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
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) return `"${name}" cannot be a part of a tag`
  if (style === 'repository') {
    // Asked of the parser itself: it knows where an image name may hold dots, dashes and underscores.
    const usable = parseRepository(`registry.example/app-${name.toLowerCase()}`).ok
    return usable ? undefined : `"${name}" cannot be a part of an image name`
  }
  const room = maxTagLength - leastTagLength - '-'.length
  return name.length <= room ? undefined : `"${name}" leaves no room for a tag of at most ${maxTagLength} characters`
}

const filePrefix = 'file:'

/** `auto`, `file:PATH`, `file:PATH#REGEX`, or the version itself. */
export function readVersion(reader: InputReader): VersionInput {
  const text = reader.optionalText('version')
  if (text === undefined || text === 'auto') return {kind: 'auto', given: text !== undefined}
  if (text.startsWith(filePrefix)) return {kind: 'file', path: text.slice(filePrefix.length)}
  if (isFileName(text)) reader.problem('version', {}, `"${text}" is a file`, `Did you mean "${filePrefix}${text}"?`)
  return {kind: 'literal', text}
}

/**
 * `package.json`, `./VERSION`, `src/app.py#version = "(.*)"`. A slash alone says nothing: with
 * `version: ${{ github.ref_name }}`, the name of a branch stands here.
 */
function isFileName(text: string): boolean {
  const [file = ''] = text.split('#', 1)
  const name = file.trim().replace(/^.*[/\\]/s, '')
  return /^\.{0,2}[/\\]/.test(text) || /^\.?version$/i.test(name) || extensions.test(name)
}

const extensions =
  /\.(?:json|toml|xml|properties|ya?ml|txt|sbt|gradle|kts|py|rb|js|ts|go|cs|csproj|props|cfg|ini|gemspec|exs)$/i

/** A variant ends tags, which leave this much room for it, and stands alone for what is `latest`: it has to be a tag itself. */
export function readVariant(reader: InputReader, room: number): VariantInput | undefined {
  const name = reader.optionalText('variant')
  const isDefault = reader.boolean('default-variant')
  if (name === undefined) {
    if (isDefault) reader.problem('default-variant', {}, 'there is no variant', 'Set `variant` too, or leave this out.')
    return undefined
  }
  const most = Math.min(64, room - '-'.length)
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) || name.length > most) {
    const remedy = `Use at most ${most} letters, digits, dots, dashes and underscores, such as alpine or python3.12.`
    reader.problem('variant', {}, `"${name}" cannot be a part of a tag`, remedy)
    return undefined
  }
  return {name, isDefault}
}

/** A component is written as it stands in its Git tags. */
export function readComponent(reader: InputReader): string | undefined {
  const name = reader.optionalText('component')
  if (name === undefined || /^[A-Za-z0-9@][A-Za-z0-9._/-]*$/.test(name)) return name
  const remedy = 'Write the name as it begins its Git tags: api for api/v1.2.3, api-v1.2.3 or @scope/api@1.2.3.'
  reader.problem('component', {}, `"${name}" cannot be the name of a component`, remedy)
  return undefined
}
