import type {EnvironmentInput} from '../inputs/inputs.ts'
import type {Repository, TagRef} from '../oci/reference.ts'

/** Variant and environment of a run, which are added to its tags. */
export interface VariantOptions {
  /** Variant that this run publishes, such as `alpine`. Undefined: the image has no variants. */
  readonly variant: string | undefined
  /** `default-variant: true`: the tags without a variant point to this variant too. Ignored without a variant. */
  readonly isDefault: boolean
  /** Suffix of every tag for the environment, such as `-staging`, or empty. */
  readonly environmentSuffix: string
}

/** A tag of a rule, before variant and environment are added. */
export interface BaseTag {
  readonly tag: string
  /**
   * Tag of a variant in place of the `latest` that `flavor` adds: the name of the variant, with the affixes of `flavor` that
   * have `onlatest`. Undefined for every other tag.
   */
  readonly latestForVariant: string | undefined
  /** The tag is of `type=env`: the environment is not added again. */
  readonly namesEnvironment: boolean
}

/** A tag with its variant and environment. */
export interface VariantTag<T extends BaseTag> {
  readonly tag: string
  /** Tag of the rule, with its rule and role. */
  readonly from: T
  /** Suffix for variant and environment, such as `-alpine-staging`, also if `alpine` replaces `latest`. */
  readonly ending: string
}

/**
 * Adds variant and environment to tags: `1.2.3-alpine` for `1.2.3`, and `alpine` for `latest`, each with the environment at
 * its end (`1.2.3-alpine-staging`, `alpine-staging`). The default variant also has the tags without a variant, before the
 * others: the first tag is the version of the image. Of two equal tags, the first stays.
 *
 * The variant is added to every tag, also to one that ends in its name: otherwise, the branches `x` and `x-alpine` would
 * share a tag. With a default variant they may share one, because `x-alpine` is a tag without a variant there.
 */
export function variantTags<T extends BaseTag>(base: readonly T[], options: VariantOptions): readonly VariantTag<T>[] {
  const {variant, isDefault, environmentSuffix} = options
  const ending = ({namesEnvironment}: T): string => (namesEnvironment ? '' : environmentSuffix)
  const plain = base.map((from) => ({tag: `${from.tag}${ending(from)}`, from, ending: ending(from)}))
  if (variant === undefined) return unique(plain)
  const ofVariant = base.map((from) => ({
    tag: `${withVariant(from, variant)}${ending(from)}`,
    from,
    ending: `${separator}${variant}${ending(from)}`,
  }))
  return unique(isDefault ? [...plain, ...ofVariant] : ofVariant)
}

/** Maximum number of characters that variant and environment add to a tag. */
export function variantSuffixLength({variant, environmentSuffix}: VariantOptions): number {
  return (variant === undefined ? 0 : separator.length + variant.length) + environmentSuffix.length
}

const separator = '-'
const latest = 'latest'

/** Tag with a variant, which replaces `latest`. */
function withVariant({tag, latestForVariant}: BaseTag, variant: string): string {
  return latestForVariant ?? (tag === latest ? variant : `${tag}${separator}${variant}`)
}

function unique<T extends BaseTag>(tags: readonly VariantTag<T>[]): readonly VariantTag<T>[] {
  const first = new Map<string, VariantTag<T>>()
  for (const one of tags) if (!first.has(one.tag)) first.set(one.tag, one)
  return [...first.values()]
}

/** Suffix of every tag for an environment: `-staging`, or empty. */
export function environmentTagSuffix(environment: EnvironmentInput | undefined): string {
  return environment?.style === 'suffix' ? `-${environment.name}` : ''
}

/** Repository of an image in an environment: `app-staging` in the repository style. */
export function environmentRepository(repository: Repository, environment: EnvironmentInput | undefined): Repository {
  if (environment?.style !== 'repository') return repository
  return {...repository, path: `${repository.path}-${environment.name.toLowerCase()}`}
}

/** Whole image reference in an environment, which counts for it as for other tags. */
export function environmentReference({repository, tag}: TagRef, environment: EnvironmentInput | undefined): TagRef {
  return {
    repository: environmentRepository(repository, environment),
    tag: `${tag}${environmentTagSuffix(environment)}`,
  }
}
