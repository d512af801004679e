import {parseRepository} from '../oci/reference.ts'
import {readAnnotationLevels, readAnnotations} from './annotation-inputs.ts'
import {readFlavor} from './flavor.ts'
import {readImages} from './image-list.ts'
import type {InputReader} from './input-reader.ts'
import type {EnvironmentInput, Flavor, ImageInputs, VariantInput} from './inputs.ts'
import {inputSpecs} from './spec/spec.ts'
import {readComponent, readVariant, readVersion} from './version-inputs.ts'

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
