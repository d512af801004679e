import type {Flavor} from '../inputs/inputs.ts'
import type {Problems} from '../inputs/problem.ts'
import type {AffixRenderer} from './affix-renderer.ts'
import type {TagRule} from './rules/rule.ts'
import type {Renderer} from './templates/render.ts'
import type {TemplateValues} from './templates/template.ts'
import type {ValueSources} from './templates/values.ts'
import {variantSuffixLength, type VariantOptions} from './variant.ts'

/** Rules for the tags of a run, and the facts that they depend on. */
export interface ProposeRequest {
  /** Rules by priority, highest first. */
  readonly rules: readonly TagRule[]
  readonly flavor: Flavor
  readonly sources: ValueSources
  /** Variant and environment, which are added to every tag of `images`. */
  readonly variant: VariantOptions
  readonly maxTagLength: number
}

/** A request with its values and renderers. */
export interface TagRun extends ProposeRequest {
  readonly values: TemplateValues
  readonly renderer: Renderer
  readonly affixes: AffixRenderer
  readonly problems: Problems
}

/** Maximum length of a tag before variant and environment are added. */
export function maxLengthOf({maxTagLength, variant}: ProposeRequest): number {
  return maxTagLength - variantSuffixLength(variant)
}
