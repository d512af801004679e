import {parseAttributes, type Attribute} from '../../inputs/syntax/attributes.ts'
import type {Inputs} from '../../inputs/inputs.ts'
import type {Line} from '../../inputs/syntax/lists.ts'
import type {Problems} from '../../inputs/problem.ts'
import {flavorPlace} from '../affix-renderer.ts'
import {labelPlaces} from '../labels.ts'
import {pep440Pieces} from '../versions/pep440.ts'
import {Renderer, type TemplatePlace} from './render.ts'
import {isReference} from '../rules/rule-reader.ts'
import {patternLanguage, ruleKinds} from '../rules/rule.ts'
import {semverPieces} from '../versions/semver.ts'
import type {TemplateEngine, TemplateValues} from './template.ts'
import {checkBuildArguments} from './build-arguments.ts'
import {anyImageValues} from './image-values.ts'
import {anyValues} from './values.ts'

/** Inputs that may have expressions. */
type CheckedInputs = Pick<Inputs, 'image'> & {readonly build: Pick<Inputs['build'], 'buildArgs'>}

/**
 * Checks every expression of the inputs, whatever the event: its syntax, its name, and its literal arguments. So the
 * first run reports a mistake in a rule for releases, along with all other problems of the inputs. Problems that the
 * parsers of these inputs report are not repeated.
 */
export function checkTemplates(inputs: CheckedInputs, engine: TemplateEngine, problems: Problems): void {
  new TemplateCheck(engine, problems).checkAll(inputs)
}

class TemplateCheck {
  readonly #renderer: Renderer
  readonly #values: Readonly<Record<'expressions' | 'image' | 'semver' | 'pep440', TemplateValues>>

  constructor(engine: TemplateEngine, problems: Problems) {
    this.#renderer = new Renderer(engine, problems)
    const expressions = anyValues(engine)
    this.#values = {
      expressions,
      image: anyImageValues(engine),
      semver: withPieces(expressions, semverPieces),
      pep440: withPieces(expressions, pep440Pieces),
    }
  }

  checkAll({image, build}: CheckedInputs): void {
    const {images, tags, flavor, labels, annotations} = image
    for (const {enable, enableColumn: column = 1, line} of images) this.#check(enable, {input: 'images', line, column})
    for (const line of tags) this.#checkRule(line)
    this.#check(flavor.prefix, flavorPlace(flavor.prefixPlace))
    this.#check(flavor.suffix, flavorPlace(flavor.suffixPlace))
    for (const line of labels) this.#checkPair(line, labelPlaces(line, 'labels'))
    for (const line of annotations) this.#checkPair(line, labelPlaces(line, 'annotations'))
    checkBuildArguments(build.buildArgs, this.#renderer, this.#values.image)
  }

  #checkRule({text, number}: Line): void {
    const parsed = parseAttributes(text)
    if (!parsed.ok) return
    const type = parsed.attributes.find(({name}) => name?.toLowerCase() === 'type')?.value
    for (const attribute of parsed.attributes) {
      const values = this.#valuesFor(attribute, type)
      const {value, valueColumn: column} = attribute
      if (values !== undefined) this.#renderer.check(value, values, {input: 'tags', line: number, column})
    }
  }

  /** Values that the expressions of an attribute may use; undefined for an attribute without expressions. */
  #valuesFor({name, value}: Attribute, type: string | undefined): TemplateValues | undefined {
    switch (name?.toLowerCase()) {
      case undefined:
        return type === 'raw' || (type === undefined && !isReference(value)) ? this.#values.expressions : undefined
      case 'value':
      case 'enable':
      case 'prefix':
      case 'suffix':
        return this.#values.expressions
      case 'pattern': {
        const kind = ruleKinds.find((known) => known === type)
        const language = kind === undefined ? 'other' : patternLanguage[kind]
        return language === 'other' ? undefined : this.#values[language]
      }
      default:
        return undefined
    }
  }

  #checkPair(
    {key, value}: {readonly key: string; readonly value: string},
    places: ReturnType<typeof labelPlaces>,
  ): void {
    this.#renderer.check(key, this.#values.image, places.key)
    this.#renderer.check(value, this.#values.image, places.value)
  }

  #check(text: string, place: TemplatePlace): void {
    this.#renderer.check(text, this.#values.expressions, place)
  }
}

function withPieces(values: TemplateValues, pieces: readonly string[]): TemplateValues {
  return new Map([...values, ...pieces.map((piece) => [piece, 'any'] as const)])
}
