import type {Flavor} from '../inputs/inputs.ts'
import type {TextPlace} from '../inputs/syntax/lists.ts'
import type {FullText} from './evaluated.ts'
import type {TextRule} from './outcome.ts'
import type {Renderer, TemplatePlace} from './templates/render.ts'
import {literalText, type Rendered, type TemplateValues} from './templates/template.ts'

/** Adds the prefix and suffix of a rule or of `flavor` to texts. */
export class AffixRenderer {
  readonly #flavor: Flavor
  readonly #renderer: Renderer
  readonly #values: TemplateValues
  /** Rendered once, so that a problem of `flavor` is reported once, and not for each rule. */
  readonly #prefix: Rendered | undefined
  readonly #suffix: Rendered | undefined

  constructor(flavor: Flavor, renderer: Renderer, values: TemplateValues) {
    this.#flavor = flavor
    this.#renderer = renderer
    this.#values = values
    this.#prefix = renderer.render(flavor.prefix, values, flavorPlace(flavor.prefixPlace))
    this.#suffix = renderer.render(flavor.suffix, values, flavorPlace(flavor.suffixPlace))
  }

  /** Adds the affixes of a rule, which replace those of `flavor`. Undefined after a problem. */
  addTo(value: Rendered, rule: TextRule, placeOf: (attribute: string) => TemplatePlace): FullText | undefined {
    const render = (name: 'prefix' | 'suffix', text: string): Rendered | undefined =>
      this.#renderer.render(text, this.#values, placeOf(name))
    const prefix = rule.prefix === undefined ? this.#prefix : render('prefix', rule.prefix)
    const suffix = rule.suffix === undefined ? this.#suffix : render('suffix', rule.suffix)
    if (prefix === undefined || suffix === undefined) return undefined
    const templates = [rule.prefix ?? this.#flavor.prefix, rule.suffix ?? this.#flavor.suffix]
    const isFixed = !templates.some((template) => template.includes('{{'))
    return {...joined([prefix, value, suffix]), affixes: {prefix: prefix.text, suffix: suffix.text, isFixed}}
  }

  /** Adds the affixes with `onlatest` to `latest`, or to the name of a variant in its place. */
  addToLatest(word: string): Rendered {
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

/** Place of the prefix or suffix of `flavor`. */
export function flavorPlace(place: TextPlace = {line: 1, column: 1}): TemplatePlace {
  return {input: 'flavor', ...place}
}
