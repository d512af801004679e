import type {Attribute} from '../inputs/attributes.ts'
import {suggestion} from '../inputs/nearest.ts'
import type {Problems} from '../inputs/problem.ts'
import {parseTag, parseTagRef} from '../oci/reference.ts'
import {
  commonAttributes,
  defaultPriority,
  kindAttributes,
  laterKinds,
  ruleKinds,
  type RuleSource,
  type TagRule,
  type WrittenKind,
} from './rule.ts'

type Common = Pick<TagRule, 'source' | 'priority' | 'enable' | 'prefix' | 'suffix'>

/** One rule, or none when a problem was reported. */
type Rules = readonly TagRule[]

/** Reads one rule out of its attributes. */
export class RuleReader {
  readonly #source: RuleSource
  readonly #attributes: readonly Attribute[]
  readonly #problems: Problems

  constructor(source: RuleSource, attributes: readonly Attribute[], problems: Problems) {
    this.#source = source
    this.#attributes = attributes
    this.#problems = problems
  }

  read(): Rules {
    const type = this.#find('type')
    if (type === undefined) return this.#literal()
    const kind = ruleKinds.find((known) => known === type.value)
    if (kind === undefined) return this.#unknownKind(type)
    const known = this.#knowsNames([...commonAttributes, ...kindAttributes[kind]])
    const common = this.#common(kind)
    return known && common !== undefined ? this.#ofKind(kind, common) : []
  }

  #unknownKind({value, valueColumn}: Attribute): Rules {
    return laterKinds.some((later) => later === value)
      ? this.#reject(valueColumn, `type=${value} is not supported yet`, 'Remove the rule, or write its tag literally.')
      : this.#reject(valueColumn, `unknown rule type "${value}"`, suggestion(value, ruleKinds))
  }

  /** A literal tag may carry the common attributes: `stable,priority=900`. */
  #literal(): Rules {
    const word = this.#attributes.find(({name}) => name === undefined)
    if (word === undefined) return this.#withoutType()
    const common = this.#knowsNames([...commonAttributes, 'value']) ? this.#common('raw') : undefined
    if (common === undefined) return []
    if (/[:/]/.test(word.value.replace(/\{\{.*?\}\}/g, ''))) return this.#reference(word, common)
    const tag = word.value.includes('{{') ? undefined : parseTag(word.value)
    if (tag?.ok === false) {
      const remedy = 'Write the tag as it shall stand in the registry.'
      return this.#reject(word.valueColumn + tag.column - 1, tag.reason, remedy)
    }
    return [{...common, kind: 'raw', value: word.value, literal: true}]
  }

  #withoutType(): Rules {
    const [first] = this.#attributes
    const name = first?.name ?? ''
    const message = `a rule needs type=…, and "${name}" is something else`
    return this.#reject(first?.nameColumn ?? 1, message, suggestion(name, commonAttributes))
  }

  #reference(word: Attribute, common: Common): Rules {
    const reference = parseTagRef(word.value)
    if (reference.ok) return [{...common, kind: 'reference', reference: reference.value}]
    const remedy = 'A whole reference is written name:tag, such as user/app:1.0.'
    return this.#reject(word.valueColumn + reference.column - 1, reference.reason, remedy)
  }

  #ofKind(kind: WrittenKind, common: Common): Rules {
    switch (kind) {
      case 'schedule':
        return [{...common, kind, pattern: this.#find('pattern')?.value ?? 'nightly'}]
      case 'semver':
        return this.#semver(common)
      case 'edge':
        return [{...common, kind, branch: this.#find('branch')?.value}]
      case 'ref':
        return this.#ref(common)
      case 'raw':
        return this.#raw(common)
      case 'sha':
        return this.#sha(common)
      case 'env':
        return [{...common, kind}]
    }
  }

  #semver(common: Common): Rules {
    const remedy = 'Write a pattern, such as pattern={{version}} or pattern={{major}}.{{minor}}.'
    const pattern = this.#required('pattern', remedy)
    if (pattern === undefined) return []
    return [{...common, kind: 'semver', pattern: pattern.value, value: this.#find('value')?.value}]
  }

  #ref(common: Common): Rules {
    const event = this.#oneOf('event', ['branch', 'tag', 'pr'])
    if (event === undefined) return []
    return [{...common, kind: 'ref', event, prefix: common.prefix ?? (event === 'pr' ? 'pr-' : undefined)}]
  }

  #raw(common: Common): Rules {
    const value = this.#required('value', 'Write the tag, such as value=stable.')
    return value === undefined ? [] : [{...common, kind: 'raw', value: value.value, literal: false}]
  }

  #sha(common: Common): Rules {
    const format = this.#find('format') === undefined ? 'short' : this.#oneOf('format', ['short', 'long'])
    return format === undefined ? [] : [{...common, kind: 'sha', format, prefix: common.prefix ?? 'sha-'}]
  }

  #common(kind: WrittenKind): Common | undefined {
    const priority = this.#find('priority')
    if (priority !== undefined && !/^-?\d+$/.test(priority.value)) {
      const message = `priority "${priority.value}" is no whole number`
      this.#reject(priority.valueColumn, message, 'Write a number such as priority=900.')
      return undefined
    }
    return {
      source: this.#source,
      priority: priority === undefined ? defaultPriority[kind] : Number(priority.value),
      enable: this.#find('enable')?.value ?? 'true',
      prefix: this.#find('prefix')?.value,
      suffix: this.#find('suffix')?.value,
    }
  }

  /** Looks at every name, so that all mistakes are told at once. */
  #knowsNames(known: readonly string[]): boolean {
    const unknown = this.#attributes.filter(({name}) => name !== undefined && !known.includes(name.toLowerCase()))
    for (const {name = '', nameColumn} of unknown) {
      this.#reject(nameColumn, `unknown attribute "${name}"`, suggestion(name, known))
    }
    return unknown.length === 0
  }

  #required(name: string, remedy: string): Attribute | undefined {
    const attribute = this.#find(name)
    if (attribute === undefined) this.#reject(this.#source.text.length + 1, `the rule needs ${name}=…`, remedy)
    return attribute
  }

  #oneOf<const T extends string>(name: string, possible: readonly T[]): T | undefined {
    const attribute = this.#required(name, `Use one of: ${possible.map((value) => `${name}=${value}`).join(', ')}.`)
    if (attribute === undefined) return undefined
    const {value, valueColumn} = attribute
    const known = possible.find((one) => one === value)
    if (known === undefined) this.#reject(valueColumn, `unknown ${name} "${value}"`, suggestion(value, possible))
    return known
  }

  /** The last one counts, as in docker/metadata-action. A bare word stands for `value` beside named attributes. */
  #find(name: string): Attribute | undefined {
    return this.#attributes.findLast((attribute) => (attribute.name?.toLowerCase() ?? 'value') === name)
  }

  #reject(column: number, message: string, remedy: string): readonly [] {
    this.#problems.add({input: 'tags', line: this.#source.line, column, message, remedy})
    return []
  }
}
