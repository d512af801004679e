import {parse} from 'yaml'
import {actionNames, type ActionName} from '../../../src/inputs/spec/action-names.ts'
import {allSpecs, hasInput, inputNames, specOf} from '../../../src/inputs/spec/all-inputs.ts'
import type {InputName} from '../../../src/inputs/spec/spec.ts'
import type {InputSpec, InputText} from '../../../src/inputs/spec/spec-row.ts'
import {describeInput} from '../action-metadata.ts'
import {inputExamples} from '../input-examples.ts'
import {formatOf} from '../input-format.ts'
import {inputTexts} from '../input-texts.ts'
import {isSecret, leftOut, secretName, workflowInputs, workflowText} from '../reusable-workflow.ts'
import {anyCase, draft, schemaAddress, type JsonSchema} from './json-schema.ts'
import {foreignDefinitions, foreignReference, refusal, refusedIn, type Refused} from './refused-inputs.ts'
import {valueSchema} from './value-schema.ts'

/**
 * Schema of the `with:` block of each action: `#/$defs/publish` and so on. Each input is a definition of its own, which
 * the actions share: `#/$defs/input-tags`.
 */
export function inputsSchema(): JsonSchema {
  return {
    $schema: draft,
    $id: schemaAddress('inputs.schema.json'),
    title: 'Inputs of Tagboat',
    description: 'The block `with:` of a step. Each action has a definition: publish, stage, promote, prune.',
    $ref: '#/$defs/publish',
    $defs: {
      ...Object.fromEntries(actionNames.map((action) => [action, actionSchema(action)])),
      workflow: workflowSchema(),
      'workflow-secrets': secretsSchema(),
      ...Object.fromEntries(actionNames.flatMap(inputDefinitions)),
      ...foreignDefinitions(),
    },
  }
}

const actionTitles: Readonly<Record<ActionName, string>> = {
  publish: 'Inputs of tagboat/tagboat',
  stage: 'Inputs of tagboat/tagboat/stage',
  promote: 'Inputs of tagboat/tagboat/promote',
  prune: 'Inputs of tagboat/tagboat/prune',
}

/** Inputs of an action. Those of other actions are refused with the input to use instead. */
function actionSchema(action: ActionName): JsonSchema {
  const own = inputNames(action).map((name) => [name, reference(definitionName(name, action))] as const)
  return blockSchema(actionTitles[action], Object.fromEntries(own), refusedIn(action))
}

/** A block with these properties. GitHub ignores the case of their names; an editor suggests the usual one. */
function blockSchema(title: string, own: Readonly<Record<string, JsonSchema>>, refused: Refused): JsonSchema {
  const otherCase = Object.entries(own).map(([name, schema]) => [`^(?!${name}$)${anyCase(name)}$`, schema] as const)
  const elsewhere = refused
    .map(([names, schema]) => [names.filter((name) => !Object.hasOwn(own, name)), schema] as const)
    .filter(([names]) => names.length > 0)
    .map(([names, schema]) => [`^(${names.map(anyCase).join('|')})$`, schema] as const)
  return {
    title,
    type: 'object',
    properties: own,
    patternProperties: Object.fromEntries([...otherCase, ...elsewhere]),
    additionalProperties: false,
  }
}

function reference(name: string): JsonSchema {
  return {$ref: `#/$defs/${name}`}
}

/** Name of the definition of an input: one for all actions, unless its row or text differs in an action. */
function definitionName(name: InputName, action: ActionName): string {
  const rows: readonly (InputSpec | InputText)[] = [allSpecs[name], inputTexts[name]]
  return rows.some(({inAction}) => inAction?.[action] !== undefined) ? `input-${name}-${action}` : `input-${name}`
}

function inputDefinitions(action: ActionName): readonly (readonly [string, JsonSchema])[] {
  return inputNames(action).map((name) => [definitionName(name, action), inputSchema(name, action)])
}

function inputSchema(name: InputName, action: ActionName): JsonSchema {
  const spec = specOf(name, action)
  const example = exampleValue(name)
  const description = describeInput(name, action)
  return {
    description: plainText(description),
    markdownDescription: markdownText(name, `${description}\n\nFormat: ${formatOf(spec)}.`),
    ...(spec.default === undefined ? {} : {default: typedDefault(spec.form, spec.default)}),
    ...(example === undefined ? {} : {examples: [example]}),
    ...valueSchema(name, spec),
  }
}

/** The value of the example in `docs/inputs.md`. */
function exampleValue(name: InputName): string | undefined {
  const example: unknown = parse(inputExamples[name] ?? '{}')
  const value: unknown = isObject(example) ? example[name] : undefined
  return typeof value === 'string' ? value.trimEnd() : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** Default as YAML that is written without quotes reads it. */
function typedDefault(form: InputSpec['form'], text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return form === 'integer' ? Number(text) : text
}

/** The inputs of `.github/workflows/publish.yml`, of which three are written by hand there. */
function workflowSchema(): JsonSchema {
  const written: Readonly<Record<string, JsonSchema>> = {
    platforms: {
      description:
        'Platforms with the labels of their runners, one platform per line, such as `linux/arm64=ubuntu-24.04-arm`.',
      type: 'string',
    },
    runner: {description: 'Label of the runner for the jobs that build nothing.', type: 'string'},
    'timeout-minutes': {
      description: 'Time limit in minutes for the build of each platform.',
      type: ['number', 'string'],
      default: 60,
    },
  }
  const inputs = workflowInputs().filter((name) => !isSecret(name))
  const own = {...written, ...Object.fromEntries(inputs.map((name) => [name, workflowInput(name)]))}
  const title = 'Inputs of the workflow tagboat/tagboat/.github/workflows/publish.yml'
  return blockSchema(title, own, refusedInWorkflow())
}

/** Inputs of the actions that the workflow lacks or has as secrets, and inputs of other actions. */
function refusedInWorkflow(): Refused {
  const secrets = workflowInputs().filter(isSecret)
  const moved = secrets.map(
    (name) => [[name], refusal(`Move it to \`secrets\` of the job, as \`${secretName(name)}\`.`)] as const,
  )
  const reasons = Map.groupBy(Object.entries(leftOut), ([, reason]) => reason)
  const absent = [...reasons].map(
    ([reason, inputs]) => [inputs.map(([name]) => name), refusal(`Remove it: ${reason}.`)] as const,
  )
  const named = new Set([...moved, ...absent].flatMap(([names]) => names))
  const foreign = refusedIn('stage').map(([names, schema]) => [names.filter((one) => !named.has(one)), schema] as const)
  return [...moved, ...absent, ...foreign]
}

/** An input of the workflow: that of the stage, or of the promote if only that has it. */
function workflowInput(name: InputName): JsonSchema {
  const text = workflowText(name)
  const action = hasInput('stage', name) ? 'stage' : 'promote'
  if (text === undefined) return reference(definitionName(name, action))
  return {
    ...inputSchema(name, action),
    description: plainText(text),
    markdownDescription: markdownText(name, text),
  }
}

function secretsSchema(): JsonSchema {
  const names = workflowInputs().filter(isSecret)
  return {
    title: 'Secrets of the workflow tagboat/tagboat/.github/workflows/publish.yml',
    anyOf: [
      {enum: ['inherit']},
      blockSchema('Secrets by name', Object.fromEntries(names.map(secretOf)), [
        [['registry-auths'], foreignReference('registry-auths', 'stage')],
      ]),
    ],
  }
}

function secretOf(name: InputName): readonly [string, JsonSchema] {
  const text = workflowText(name) ?? describeInput(name, 'stage')
  return [secretName(name), {description: plainText(text), type: 'string'}]
}

/** A description without Markdown links. */
function plainText(text: string): string {
  return text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
}

/** A description whose links work outside of the repository, with a link to the input. */
function markdownText(name: InputName, text: string): string {
  const pages = 'https://github.com/tagboat/tagboat/blob/main/docs/'
  const linked = text
    .replaceAll(/\]\((?!https?:)([^)]*)\)/g, `](${pages}$1)`)
    .replaceAll(/(?<![\w/])docs\/([\w-]+\.md)/g, `[$1](${pages}$1)`)
  return `${linked}\n\n[\`${name}\`](${pages}inputs.md#${name})`
}
