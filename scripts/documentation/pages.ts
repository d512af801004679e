import {actionNames, type ActionName} from '../../src/inputs/spec/action-names.ts'
import {hasInput, inputGroups, isInputName, specOf} from '../../src/inputs/spec/all-inputs.ts'
import type {InputName} from '../../src/inputs/spec/spec.ts'
import {outputNames, outputsOf} from './action-outputs.ts'
import {inputExamples} from './input-examples.ts'
import {formatOf} from './input-format.ts'
import {inputTexts} from './input-texts.ts'
import {outputExamples} from './output-examples.ts'

/** The inputs as Markdown, one heading each, so that `docs/inputs.md#tags` links to the input `tags`. */
export function inputSections(): string {
  return Object.entries(inputGroups)
    .map(([title, specs]) => {
      const inputs = Object.keys(specs).filter(isInputName).map(inputSection)
      return [`## ${title}`, ...inputs].join('\n\n')
    })
    .join('\n\n')
}

function inputSection(name: InputName): string {
  const {description, fallback, inAction = {}} = inputTexts[name]
  const actions = actionNames.filter((action) => hasInput(action, name))
  const defaultText = byAction(actions, (action) => {
    const {default: value} = specOf(name, action)
    return value === undefined ? fallback : `\`${value}\``
  })
  const facts = [
    `- Format: ${byAction(actions, (action) => formatOf(specOf(name, action))) ?? ''}`,
    ...(defaultText === undefined ? [] : [`- Default: ${linked(defaultText)}`]),
    `- Actions: ${actions.join(', ')}`,
  ]
  const example = inputExamples[name]
  return [
    `### \`${name}\``,
    linked(description),
    ...Object.entries(inAction).map(([action, text]) => `In ${action}: ${linked(text)}`),
    facts.join('\n'),
    ...(example === undefined ? [] : [fenced('yaml', example)]),
  ].join('\n\n')
}

/** A text of the first action, and those of other actions that differ from it. */
function byAction(
  actions: readonly ActionName[],
  textOf: (action: ActionName) => string | undefined,
): string | undefined {
  const [first, ...others] = actions
  const common = first === undefined ? undefined : textOf(first)
  const differing = others.filter((action) => textOf(action) !== common)
  const parts = differing.map((action) => `${textOf(action) ?? 'none'} in ${action}`)
  return common === undefined ? common : [common, ...parts].join('; ')
}

/** The outputs as Markdown, one heading each. */
export function outputSections(): string {
  const examples: Readonly<Record<string, string | undefined>> = outputExamples
  return outputNames
    .map((name) => {
      const texts = actionNames.flatMap((action) => {
        const text = outputsOf(action).get(name)
        return text === undefined ? [] : [{action, text}]
      })
      const description = texts[0]?.text ?? ''
      const example = examples[name]
      return [
        `## \`${name}\``,
        description,
        ...texts.filter(({text}) => text !== description).map(({action, text}) => `In ${action}: ${text}`),
        `- Actions: ${texts.map(({action}) => action).join(', ')}`,
        ...(example === undefined ? [] : [fenced('text', example)]),
      ].join('\n\n')
    })
    .join('\n\n')
}

/** Inputs that the README lists, in its order. */
const commonNames: readonly InputName[] = [
  'images',
  'tags',
  'platforms',
  'context',
  'file',
  'build-args',
  'secrets',
  'registry-auth',
  'cache',
  'test',
]

/** The inputs that most workflows set, as a list for the README. */
export function commonInputs(): string {
  return commonNames
    .map((name) => `- [\`${name}\`](docs/inputs.md#${name}): ${inputTexts[name].description}`)
    .join('\n')
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``
}

/** Turns the paths of other pages into links: a description is plain text for `action.yml`. */
function linked(text: string): string {
  return text.replaceAll(/docs\/([\w-]+\.md)/g, '[$1]($1)')
}
