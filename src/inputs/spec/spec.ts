import type {PublishingAction} from './action-names.ts'
import {buildSpecs} from './spec-build.ts'
import {builderSpecs} from './spec-builder.ts'
import {cloudSpecs} from './spec-cloud.ts'
import {imageSpecs} from './spec-image.ts'
import type {pruneSpecs} from './spec-prune.ts'
import {credentialSpecs, publishSpecs} from './spec-publish.ts'
import {verifySpecs} from './spec-verify.ts'
import type {InputSpec} from './spec-row.ts'
import {signSpecs} from './spec-sign.ts'
import {scanSpecs} from './spec-scan.ts'

/**
 * Every input of the actions that publish. The reader of inputs and the check for unknown inputs are derived from this
 * table. No input is required. `all-inputs.ts` adds the inputs of the prune action, which other runs do not load.
 */
export const inputSpecs = {
  ...imageSpecs,
  ...buildSpecs,
  ...builderSpecs,
  ...credentialSpecs,
  ...cloudSpecs,
  ...publishSpecs,
  ...signSpecs,
  ...verifySpecs,
  ...scanSpecs,
} as const

type AllSpecs = typeof inputSpecs & typeof pruneSpecs

/** Names of the inputs of all actions. */
export type InputName = keyof AllSpecs

const promoteOnly: readonly InputName[] = ['digests', 'digest-names', 'from']
/** Inputs for the build and its builder. The promote action has `platforms`, to check them, and the annotations of its index. */
const notForPromote: readonly string[] = [
  ...Object.keys(buildSpecs).filter((name) => name !== 'platforms'),
  ...Object.keys(builderSpecs),
  'labels',
  'test',
  'export-login',
  'closed',
]

const notForStage: readonly string[] = [...Object.keys({...signSpecs, ...verifySpecs}), 'closed']

/** Reports whether an action that publishes has an input. */
export function publishesWith(action: PublishingAction, name: string): boolean {
  if (!isPublishingInput(name)) return false
  switch (action) {
    case 'publish':
      return !promoteOnly.includes(name)
    case 'stage':
      return !promoteOnly.includes(name) && !notForStage.includes(name)
    case 'promote':
      return !notForPromote.includes(name)
  }
}

/** Names of the inputs of a form. */
export type InputOfForm<F extends InputSpec['form']> = {
  [N in InputName]: AllSpecs[N]['form'] extends F ? N : never
}[InputName]

/**
 * Inputs that a later release implements. `action.yml` and the documentation do not list them. Setting one is an error,
 * because an ignored input would go unnoticed.
 */
export const laterInputs = ['extra-args'] as const

/** Finds the row of an input in an action. */
export type SpecOf = (name: InputName) => InputSpec

/** Row of an input in an action that publishes. */
export const publishingSpec: SpecOf = (name) => {
  const specs: Readonly<Partial<Record<InputName, InputSpec>>> = inputSpecs
  const spec = specs[name]
  if (spec === undefined) throw new Error(`publications lack the input ${name}`)
  return spec
}

export function isPublishingInput(name: string): name is keyof typeof inputSpecs {
  return Object.hasOwn(inputSpecs, name)
}

/** Default value of an input. The result is empty for a default that is an expression: only the runner evaluates it. */
export function defaultOf({default: text = ''}: InputSpec): string {
  return text.startsWith('${{') ? '' : text
}
