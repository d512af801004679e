import {commonAttributes, defaultPriority, kindAttributes, ruleKinds} from '../../../src/tags/rules/rule.ts'
import {commonTexts, expressionTexts, ruleTexts, type AttributeText} from './rule-texts.ts'

interface Attribute extends AttributeText {
  readonly name: string
}

interface TagRules {
  readonly description: string
  readonly rules: readonly {
    /** Name that is written after `type=`. */
    readonly type: string
    readonly description: string
    readonly priority: number
    /** Attributes of this type only. */
    readonly attributes: readonly Attribute[]
  }[]
  /** Attributes of every rule. */
  readonly commonAttributes: readonly Attribute[]
  readonly expressions: readonly {readonly name: string; readonly description: string}[]
}

/** The language of the lines of `tags` for editors: types of rules, their attributes, and the expressions. */
export function tagRules(): TagRules {
  const common: Readonly<Record<string, AttributeText>> = commonTexts
  return {
    description: 'Lines of the input `tags`. Written by scripts/generate.ts from the tables of the program.',
    rules: ruleKinds.map((type) => ({
      type,
      description: ruleTexts[type].description,
      priority: defaultPriority[type],
      attributes: attributesOf(kindAttributes[type], ruleTexts[type].attributes),
    })),
    commonAttributes: attributesOf(
      commonAttributes.filter((name) => name !== 'type'),
      common,
    ),
    expressions: Object.entries(expressionTexts).map(([name, description]) => ({name, description})),
  }
}

function attributesOf(names: readonly string[], texts: Readonly<Record<string, AttributeText>>): readonly Attribute[] {
  return names.map((name) => {
    const text = texts[name]
    if (text === undefined) throw new Error(`the attribute ${name} has no description`)
    return {name, ...text}
  })
}
