import {actionNames, hasInput, inputGroups, isInputName, specOf, type InputName} from '../../src/inputs/spec/spec.ts'
import {hasOutput, outputSpecs} from '../../src/report/output-spec.ts'
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
  const spec = specOf(name)
  const {default: value} = spec
  const {description, fallback} = inputTexts[name]
  const actions = actionNames.filter((action) => hasInput(action, name))
  const defaultText = value === undefined ? fallback : `\`${value}\``
  const facts = [
    `- Format: ${formatOf(spec)}`,
    ...(defaultText === undefined ? [] : [`- Default: ${linked(defaultText)}`]),
    `- Actions: ${actions.join(', ')}`,
  ]
  const example = inputExamples[name]
  return [
    `### \`${name}\``,
    linked(description),
    facts.join('\n'),
    ...(example === undefined ? [] : [fenced('yaml', example)]),
  ].join('\n\n')
}

/** The outputs as Markdown, one heading each. */
export function outputSections(): string {
  const examples: Readonly<Record<string, string | undefined>> = outputExamples
  return Object.entries(outputSpecs)
    .map(([name, description]) => {
      const actions = actionNames.filter((action) => hasOutput(action, name))
      const example = examples[name]
      return [
        `## \`${name}\``,
        description,
        `- Actions: ${actions.join(', ')}`,
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
