import type {PublishingAction} from '../../src/inputs/spec/action-names.ts'
import {inputNames, specOf} from '../../src/inputs/spec/all-inputs.ts'
import type {InputName} from '../../src/inputs/spec/spec.ts'
import {cloudSpecs} from '../../src/inputs/spec/spec-cloud.ts'
import type {InputSpec} from '../../src/inputs/spec/spec-row.ts'
import {describeInput, quote} from './action-metadata.ts'

/** Inputs of `tagboat/tagboat/stage@v1` and `tagboat/tagboat/promote@v1` that the reusable workflow does not have, each with the reason. */
export const leftOut: Partial<Readonly<Record<InputName, string>>> = {
  ...Object.fromEntries(
    Object.keys(cloudSpecs).map((name) => [
      name,
      'the credentials of clouds need `id-token: write`, which every caller of the workflow would have to grant',
    ]),
  ),
  'metadata-context': 'the workflow checks out the commit of the event, so both sources say the same',
  load: 'no step follows that could use the image; `test` can',
  'export-login': 'no step follows that could use the login',
  logout: 'the machine or the job ends after the push',
  'bake-target': 'no step follows that could read the Bake file',
  'sep-labels': 'the workflow has no output with labels',
  'sep-annotations': 'the workflow has no output with annotations',
  digests: 'the job `stage` sets it',
  'digest-names': 'the digests are those of the job `stage`, and all of them are promoted',
  from: 'the workflow promotes what it has staged',
  'scan-report': 'no step follows that could upload the files; the job summary has the findings',
}

/**
 * Inputs that the promote does not get. The stages have scanned the same digests, and no program of a scanner may run
 * beside the key of a signature.
 */
export const notPromoted: readonly InputName[] = inputNames('promote').filter((name) => /^scan(?:-|$)/.test(name))

/** Names of secrets of the workflow, by input of the action. */
const secretNames: Partial<Readonly<Record<InputName, string>>> = {secrets: 'build-secrets'}

/** Inputs that are written by hand, because the workflow gives them another meaning. */
const ownInputs: readonly InputName[] = ['platforms']

/** Descriptions for the workflow that differ from those of the action. */
const ownTexts: Partial<Readonly<Record<InputName, string>>> = {
  test: 'Bash commands that must succeed on each runner before any tag is pushed. `$IMAGE` is the image that was built there.',
  'cache-from': 'Caches to read, one per line. `{0}` is the platform, as in `type=gha,scope={0}`.',
  'cache-to': 'Caches to write, one per line. `{0}` is the platform, as in `type=gha,scope={0}`.',
  password: 'Password or access token for `registry`. Optional for ghcr.io.',
  'github-token': 'Token for ghcr.io, the GitHub API and Git contexts. Default: that of the workflow run.',
}

/** Values that the steps get, if they are not those of the inputs and secrets of the workflow. */
const ownValues: Readonly<Record<'stage' | 'promote', Partial<Readonly<Record<InputName, string>>>>> = {
  stage: {
    platforms: 'matrix.platform',
    'cache-from': 'format(inputs.cache-from, matrix.name)',
    'cache-to': 'format(inputs.cache-to, matrix.name)',
    'github-token': 'secrets.github-token || github.token',
  },
  promote: {
    platforms: 'needs.plan.outputs.platforms',
    'github-token': 'secrets.github-token || github.token',
  },
}

/** Inputs of an action that the workflow has, in the order of the table. */
function offered(action: PublishingAction): readonly InputName[] {
  return inputNames(action).filter((name) => leftOut[name] === undefined)
}

/** Inputs of the workflow, in the order of the table: those of the stage, and those that only a promote has. */
export function workflowInputs(): readonly InputName[] {
  return [...new Set([...offered('stage'), ...offered('promote')])].filter((name) => !ownInputs.includes(name))
}

/** Reports whether the workflow takes an input as a secret. */
export function isSecret(name: InputName): boolean {
  return specOf(name).secret === true
}

/** Name of the secret of the workflow for an input. */
export function secretName(name: InputName): string {
  return secretNames[name] ?? name
}

/** Description of an input of the workflow that differs from that of the action. */
export function workflowText(name: InputName): string | undefined {
  return ownTexts[name]
}

/** The generated part of `on.workflow_call.inputs`. */
export function workflowInputsBlock(): string {
  const rows = workflowInputs().filter((name) => !isSecret(name))
  return indented(6, rows.flatMap(inputLines))
}

function inputLines(name: InputName): readonly string[] {
  const {type, value} = typeOf(specOf(name))
  const defaultLine = value === undefined ? [] : [`  default: ${value}`]
  return [
    `${name}:`,
    `  description: ${quote(ownTexts[name] ?? describeInput(name, 'stage'))}`,
    `  type: ${type}`,
    ...defaultLine,
  ]
}

/** Type and default of an input. An empty text has the default of the action, so a text needs none. */
function typeOf({form, default: value}: InputSpec): {readonly type: string; readonly value?: string | undefined} {
  if (form === 'boolean') return {type: 'boolean', value: value ?? 'false'}
  return form === 'integer' ? {type: 'number', value} : {type: 'string'}
}

/** The block `on.workflow_call.secrets`. */
export function workflowSecretsBlock(): string {
  const lines = workflowInputs()
    .filter(isSecret)
    .flatMap((name) => [
      `${secretName(name)}:`,
      `  description: ${quote(ownTexts[name] ?? describeInput(name, 'stage'))}`,
      '  required: false',
    ])
  return indented(6, lines)
}

/** The generated part of the `with:` of a step. */
export function stepInputsBlock(action: 'stage' | 'promote'): string {
  const names = offered(action).filter((name) => action !== 'promote' || !notPromoted.includes(name))
  const lines = names.map((name) => {
    const source = isSecret(name) ? `secrets.${secretName(name)}` : `inputs.${name}`
    return `${name}: \${{ ${ownValues[action][name] ?? source} }}`
  })
  return indented(10, lines)
}

/** The list of inputs that the workflow does not have, as Markdown. */
export function leftOutList(): string {
  return Object.entries(leftOut)
    .map(([name, reason]) => `- \`${name}\`: ${reason}\n`)
    .join('')
}

/** Lines with an indentation, and that of the marker which follows. */
function indented(columns: number, lines: readonly string[]): string {
  const space = ' '.repeat(columns)
  return [...lines.map((line) => `${space}${line}\n`), space].join('')
}
