import type {Flavor, TextPlace} from '../inputs/inputs.ts'
import type {Renderer, TemplatePlace} from './render.ts'
import type {TextRule} from './outcome.ts'
import type {Rendered, TemplateValues} from './template.ts'

/** What stands around the text of each tag. */
export class Affixes {
  readonly #flavor: Flavor
  readonly #renderer: Renderer
  readonly #values: TemplateValues
  /** Rendered here, and not rule by rule: what is wrong with one of them is told once. */
  readonly #prefix: Rendered | undefined
  readonly #suffix: Rendered | undefined

  constructor(flavor: Flavor, renderer: Renderer, values: TemplateValues) {
    this.#flavor = flavor
    this.#renderer = renderer
    this.#values = values
    this.#prefix = renderer.render(flavor.prefix, values, flavorPlace(flavor.prefix, flavor.prefixPlace))
    this.#suffix = renderer.render(flavor.suffix, values, flavorPlace(flavor.suffix, flavor.suffixPlace))
  }

  /** The rule's own prefix and suffix replace the flavor's. Undefined when one of them cannot be rendered. */
  around(rule: TextRule, value: Rendered, place: TemplatePlace): Rendered | undefined {
    const own = (text: string): Rendered | undefined => this.#renderer.render(text, this.#values, place)
    const prefix = rule.prefix === undefined ? this.#prefix : own(rule.prefix)
    const suffix = rule.suffix === undefined ? this.#suffix : own(rule.suffix)
    if (prefix === undefined || suffix === undefined) return undefined
    return {
      text: `${prefix.text}${value.text}${suffix.text}`,
      emptyNames: [...prefix.emptyNames, ...value.emptyNames, ...suffix.emptyNames],
    }
  }

  /** `latest` with what `onlatest` asks for. */
  latest(): string {
    const prefix = this.#flavor.prefixOnLatest ? this.#prefix?.text : undefined
    const suffix = this.#flavor.suffixOnLatest ? this.#suffix?.text : undefined
    return `${prefix ?? ''}latest${suffix ?? ''}`
  }
}

/** Where a flavor's prefix or suffix stands. */
export function flavorPlace(text: string, place: TextPlace = {line: 1, column: 1}): TemplatePlace {
  return {input: 'flavor', ...place, text}
}
