import type {Flavor} from '../inputs/inputs.ts'
import type {TextPlace} from '../inputs/syntax/lists.ts'
import type {Renderer, TemplatePlace} from './templates/render.ts'
import type {Affix} from './tag-role.ts'
import type {TextRule} from './outcome.ts'
import {literalText, type Rendered, type TemplateValues} from './templates/template.ts'

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
    this.#prefix = renderer.render(flavor.prefix, values, flavorPlace(flavor.prefixPlace))
    this.#suffix = renderer.render(flavor.suffix, values, flavorPlace(flavor.suffixPlace))
  }

  /** The rule's own prefix and suffix replace the flavor's. Undefined when one of them cannot be rendered. */
  around(
    rule: TextRule,
    value: Rendered,
    placeOf: (attribute: string) => TemplatePlace,
  ): (Rendered & {readonly affix: Affix}) | undefined {
    const own = (name: 'prefix' | 'suffix', text: string): Rendered | undefined =>
      this.#renderer.render(text, this.#values, placeOf(name))
    const prefix = rule.prefix === undefined ? this.#prefix : own('prefix', rule.prefix)
    const suffix = rule.suffix === undefined ? this.#suffix : own('suffix', rule.suffix)
    if (prefix === undefined || suffix === undefined) return undefined
    const written = [rule.prefix ?? this.#flavor.prefix, rule.suffix ?? this.#flavor.suffix]
    const isFixed = !written.some((text) => text.includes('{{'))
    return {...joined([prefix, value, suffix]), affix: {prefix: prefix.text, suffix: suffix.text, isFixed}}
  }

  /** `latest`, or what a variant has in its place, with what `onlatest` asks for. */
  onLatest(word: string): Rendered {
    const {prefixOnLatest, suffixOnLatest} = this.#flavor
    return joined([
      ...(prefixOnLatest && this.#prefix !== undefined ? [this.#prefix] : []),
      literalText(word),
      ...(suffixOnLatest && this.#suffix !== undefined ? [this.#suffix] : []),
    ])
  }
}

function joined(parts: readonly Rendered[]): Rendered {
  return {
    text: parts.map(({text}) => text).join(''),
    emptyNames: parts.flatMap(({emptyNames}) => emptyNames),
    filled: parts.map(({filled}) => filled).join(''),
  }
}

/** Where a flavor's prefix or suffix stands. */
export function flavorPlace(place: TextPlace = {line: 1, column: 1}): TemplatePlace {
  return {input: 'flavor', ...place}
}
