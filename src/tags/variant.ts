/** `variant: alpine`: which flavour of the image this run publishes, and what else ends its tags. */
export interface VariantOptions {
  /** Undefined: the image has no variants. */
  readonly variant: string | undefined
  /** `default-variant: true`: this variant is also what the bare tags mean. Says nothing without a variant. */
  readonly isDefault: boolean
  /** What the environment adds to every tag, such as `-staging`; empty without one. */
  readonly environmentSuffix: string
}

/** A tag as the rules give it, before variant and environment. */
export interface BareTag {
  readonly tag: string
  /**
   * Of the tag that `flavor: latest` adds: the same with the variant in the place of the word, and the flavor's prefix and
   * suffix where `onlatest` asks for them. Undefined for every other tag.
   */
  readonly asVariant: string | undefined
  /** `type=env` gave it: the environment is not added once more. */
  readonly namesEnvironment: boolean
}

export interface VariantTag<T extends BareTag> {
  readonly tag: string
  /** The proposal that this tag comes from, with its rule and kind. */
  readonly from: T
  /** What variant and environment added, such as `-alpine-staging`: also where `alpine` took the place of `latest`. */
  readonly ending: string
}

/**
 * The tags of a variant: `1.2.3-alpine` for `1.2.3`, `alpine` for `latest`, each with the environment at its end
 * (`1.2.3-alpine-staging`, `alpine-staging`). The default variant has the bare tags besides, before its own: the first tag
 * is the image's version, and the default image is called by its plain one. Unique; of two that are the same, the first.
 *
 * The variant is added to every tag, also to one that ends in its name already: else the branches `x` and `x-alpine`
 * would share a tag. With a default variant they may all the same: `x-alpine` is a bare tag there.
 */
export function variantTags<T extends BareTag>(bare: readonly T[], options: VariantOptions): readonly VariantTag<T>[] {
  const {variant, isDefault, environmentSuffix} = options
  const ending = ({namesEnvironment}: T): string => (namesEnvironment ? '' : environmentSuffix)
  const plain = bare.map((from) => ({tag: `${from.tag}${ending(from)}`, from, ending: ending(from)}))
  if (variant === undefined) return unique(plain)
  const own = bare.map((from) => ({
    tag: `${withVariant(from, variant)}${ending(from)}`,
    from,
    ending: `${separator}${variant}${ending(from)}`,
  }))
  return unique(isDefault ? [...plain, ...own] : own)
}

/**
 * How many characters variant and environment add to a tag at most. A tag that is cut to the maximum length less this
 * stays within it.
 */
export function variantSuffixLength({variant, environmentSuffix}: VariantOptions): number {
  return (variant === undefined ? 0 : separator.length + variant.length) + environmentSuffix.length
}

const separator = '-'
const latest = 'latest'

/** `alpine` takes the place of `latest`. */
function withVariant({tag, asVariant}: BareTag, variant: string): string {
  return asVariant ?? (tag === latest ? variant : `${tag}${separator}${variant}`)
}

function unique<T extends BareTag>(tags: readonly VariantTag<T>[]): readonly VariantTag<T>[] {
  const first = new Map<string, VariantTag<T>>()
  for (const one of tags) if (!first.has(one.tag)) first.set(one.tag, one)
  return [...first.values()]
}
