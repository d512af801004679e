import {autocompletion, type Completion, type CompletionContext, type CompletionResult} from '@codemirror/autocomplete'
import type {Extension, Text} from '@codemirror/state'
import {hoverTooltip, type EditorView, type Tooltip} from '@codemirror/view'
import {element} from '../ui/element.ts'
import {withCode} from '../ui/text.ts'
import {contextAt, type CursorContext} from './context.ts'
import {ruleContext, type RuleContext} from './rule-context.ts'
import type {Attribute, CompletionData, InputFact} from './completion-data.ts'

/** Completion of inputs, their values and tag rules, and their descriptions below the pointer. */
export const completion: Extension = [autocompletion({override: [complete], icons: false}), hoverTooltip(describe)]

let loaded: Promise<CompletionData> | undefined

async function data(): Promise<CompletionData> {
  loaded ??= import('./completion-table.ts').then(({completionTable}) => completionTable)
  return loaded
}

async function complete(context: CompletionContext): Promise<CompletionResult | null> {
  const {state, pos, explicit} = context
  const line = state.doc.lineAt(pos)
  const found = contextAt(linesOf(state.doc), line.number - 1, pos - line.from)
  if (found === undefined) return null
  const typed = line.text.slice(found.from, pos - line.from)
  if (typed === '' && !explicit && found.kind !== 'value') return null
  const all = await data()
  const {from, options} = optionsOf(found, typed, all)
  if (options.length === 0) return null
  return {from: line.from + found.from + from, options: [...options], validFor: /^[\w-]*$/}
}

interface Options {
  /** Offset of the completed part in the typed text. */
  readonly from: number
  readonly options: readonly Completion[]
}

function optionsOf(found: CursorContext, typed: string, all: CompletionData): Options {
  switch (found.kind) {
    case 'uses':
      return {from: 0, options: actions}
    case 'input': {
      const inputs = all.inputs[found.action] ?? []
      return {from: 0, options: inputs.filter(({name}) => !found.used.includes(name)).map(inputOption)}
    }
    case 'value': {
      if (found.input === 'tags') return ruleOptions(typed, all)
      const input = all.inputs[found.action]?.find(({name}) => name === found.input)
      return {from: 0, options: input === undefined ? [] : valueOptions(input)}
    }
  }
}

const actions: readonly Completion[] = [
  option('tagboat/tagboat@v1', 'Builds, tests, pushes and tags an image.'),
  option('tagboat/tagboat/stage@v1', 'Builds and pushes an image without a tag.'),
  option('tagboat/tagboat/promote@v1', 'Points tags to an image that exists.'),
  option('tagboat/tagboat/prune@v1', 'Deletes old images by a policy.'),
]

function option(label: string, description: string, more: Partial<Completion> = {}): Completion {
  const info = description === '' ? {} : {info: () => element('div', {}, withCode(description))}
  return {label, ...info, ...more}
}

function inputOption({name, description, fallback}: InputFact): Completion {
  return option(name, description, {
    apply: `${name}: `,
    ...(fallback !== undefined && {detail: fallback}),
  })
}

function valueOptions({values, fallback}: InputFact): readonly Completion[] {
  return values.map((value) => option(value, '', value === fallback ? {detail: 'default', boost: 1} : {}))
}

function ruleOptions(typed: string, all: CompletionData): Options {
  const found = ruleContext(typed)
  return {from: found.from, options: rulePart(found, all)}
}

function rulePart(found: RuleContext, {rules, commonAttributes, expressions}: CompletionData): readonly Completion[] {
  if (found.kind === 'expression')
    return expressions.map(({name, description}) => option(name, description, {apply: `${name}}}`}))
  if (found.kind === 'type')
    return rules.map(({type, description, attributes}) => {
      const required = attributes.filter(({required}) => required === true)
      const rest = required.map(({name, example}) => `,${name}=${example ?? ''}`).join('')
      return option(`type=${type}`, description, {apply: `type=${type}${rest}`, detail: rest.slice(1)})
    })
  const own = rules.find(({type}) => type === found.type)?.attributes ?? []
  const attributes: readonly Attribute[] = [...own, ...commonAttributes]
  if (found.kind === 'attribute')
    return attributes
      .filter(({name}) => !found.used.includes(name))
      .map(({name, description, default: fallback}) =>
        option(name, description, {apply: `${name}=`, ...(fallback !== undefined && {detail: fallback})}),
      )
  const attribute = attributes.find(({name}) => name === found.attribute)
  const texts = [...(attribute?.values ?? []), ...(attribute?.example === undefined ? [] : [attribute.example])]
  return [...new Set(texts)].map((text) => option(text, ''))
}

/** Description of the input or the rule below the pointer. */
async function describe(view: EditorView, pos: number): Promise<Tooltip | null> {
  const {doc} = view.state
  const line = doc.lineAt(pos)
  const word = wordAt(line.text, pos - line.from)
  if (word === undefined) return null
  const found = contextAt(linesOf(doc), line.number - 1, word.to)
  if (found === undefined || found.kind === 'uses') return null
  const text = descriptionOf(found, line.text.slice(word.from, word.to), await data())
  if (text === undefined) return null
  return {
    pos: line.from + word.from,
    end: line.from + word.to,
    create: () => ({dom: element('div', {class: 'hover'}, withCode(text))}),
  }
}

function descriptionOf(found: CursorContext, word: string, all: CompletionData): string | undefined {
  if (found.kind === 'input') return all.inputs[found.action]?.find(({name}) => name === word)?.description
  if (found.kind !== 'value' || found.input !== 'tags') return undefined
  const type = /^type=(\w+)$/.exec(word)?.[1]
  return all.rules.find((rule) => rule.type === type)?.description
}

function wordAt(line: string, column: number): {readonly from: number; readonly to: number} | undefined {
  for (const match of line.matchAll(/type=\w+|[\w-]+/g)) {
    const to = match.index + match[0].length
    if (match.index <= column && column <= to) return {from: match.index, to}
  }
  return undefined
}

function linesOf(doc: Text): readonly string[] {
  return doc.toString().split('\n')
}
