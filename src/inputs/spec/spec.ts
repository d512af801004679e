import {buildSpecs} from './spec-build.ts'
import {builderSpecs} from './spec-builder.ts'
import {imageSpecs} from './spec-image.ts'
import {credentialSpecs, publishSpecs} from './spec-publish.ts'
import type {InputSpec} from './spec-row.ts'

/**
 * Every input of this release, by topic. The table drives the reading of inputs, the search for unknown ones,
 * `action.yml`, the README and `docs/inputs.md`. None of them is required: zero configuration publishes.
 */
export const inputGroups = {
  'What to publish': imageSpecs,
  'The build': buildSpecs,
  'The builder': builderSpecs,
  Credentials: credentialSpecs,
  Publishing: publishSpecs,
} as const satisfies Readonly<Record<string, Readonly<Record<string, InputSpec>>>>

export const inputSpecs = {...imageSpecs, ...buildSpecs, ...builderSpecs, ...credentialSpecs, ...publishSpecs} as const

export type InputName = keyof typeof inputSpecs

/** The actions of this repository that take inputs of the table. */
export const actionNames = ['publish', 'stage', 'promote'] as const

export type ActionName = (typeof actionNames)[number]

const promoteOnly: readonly InputName[] = ['digests', 'from']
/** What a stage has no use for: it gives no tag. */
const taggingOnly: readonly InputName[] = ['floating', 'if-exists', 'on-stale']
/** The platforms that a promote expects, and annotations of the index that it makes, are all that it takes of a build. */
const notPromoted: readonly string[] = [
  ...Object.keys(buildSpecs).filter((name) => name !== 'platforms'),
  ...Object.keys(builderSpecs),
  'labels',
  'test',
  'export-login',
]

/** Whether an action has an input of this name. */
export function hasInput(action: ActionName, name: InputName): boolean {
  switch (action) {
    case 'publish':
      return !promoteOnly.includes(name)
    case 'stage':
      return !promoteOnly.includes(name) && !taggingOnly.includes(name)
    case 'promote':
      return !notPromoted.includes(name)
  }
}

/** The inputs that take one of these forms. */
export type InputOfForm<F extends InputSpec['form']> = {
  [N in InputName]: (typeof inputSpecs)[N]['form'] extends F ? N : never
}[InputName]

/**
 * Inputs of the contract that a later release implements. They stand neither in `action.yml` nor in the documentation;
 * giving one a value is a problem, so that nobody relies on what does not happen.
 */
export const laterInputs = [
  'extra-args',
  'ecr',
  'ecr-create',
  'aws-role',
  'aws-region',
  'gcp-workload-identity-provider',
  'gcp-service-account',
  'azure-client-id',
  'azure-tenant-id',
  'dockerhub-connection-id',
] as const

/** The inputs of an action, in the order of the table. */
export function inputNames(action: ActionName): readonly InputName[] {
  return Object.keys(inputSpecs)
    .filter(isInputName)
    .filter((name) => hasInput(action, name))
}

/** The row of an input, as the general type: for what treats all inputs alike. */
export function specOf(name: InputName): InputSpec {
  return inputSpecs[name]
}

export function isInputName(name: string): name is InputName {
  return Object.hasOwn(inputSpecs, name)
}

/** What an input without a value means. A default that is an expression is filled in by the runner alone. */
export function defaultText(name: InputName): string {
  const text = specOf(name).default ?? ''
  return text.startsWith('${{') ? '' : text
}
