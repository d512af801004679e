import type {ActionName} from './action-names.ts'
import {buildSpecs} from './spec-build.ts'
import {builderSpecs} from './spec-builder.ts'
import {cloudSpecs} from './spec-cloud.ts'
import {imageSpecs} from './spec-image.ts'
import {pruneSpecs} from './spec-prune.ts'
import {credentialSpecs, publishSpecs} from './spec-publish.ts'
import {verifySpecs} from './spec-verify.ts'
import type {InputSpec} from './spec-row.ts'
import {signSpecs} from './spec-sign.ts'
import {scanSpecs} from './spec-scan.ts'

/**
 * Every input of this release, by topic. The reader of inputs, the check for unknown inputs, `action.yml` and
 * `docs/inputs.md` are derived from this table. No input is required.
 */
export const inputGroups = {
  Image: imageSpecs,
  Build: buildSpecs,
  'Builder and emulation': builderSpecs,
  Credentials: {...credentialSpecs, ...cloudSpecs},
  Publishing: publishSpecs,
  Signing: signSpecs,
  Verifying: verifySpecs,
  Scanning: scanSpecs,
  Retention: pruneSpecs,
} as const satisfies Readonly<Record<string, Readonly<Record<string, InputSpec>>>>

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
  ...pruneSpecs,
} as const

export type InputName = keyof typeof inputSpecs

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

/** Inputs that the prune action has besides those for retention: how tags are written, and credentials. */
const sharedWithPrune: readonly string[] = [
  'images',
  'tags',
  'flavor',
  'environment',
  'environment-style',
  'component',
  'variant',
  'default-variant',
  'unique-branch-tags',
  'max-tag-length',
  'registry',
  'username',
  'password',
  'registry-auth',
  'github-token',
  ...Object.keys(cloudSpecs).filter((name) => name !== 'ecr-create'),
  'retries',
  'dry-run',
  'summary',
]

/** Reports whether an action has an input. */
export function hasInput(action: ActionName, name: InputName): boolean {
  const isForPrune = Object.hasOwn(pruneSpecs, name)
  switch (action) {
    case 'publish':
      return !promoteOnly.includes(name) && !isForPrune
    case 'stage':
      return !promoteOnly.includes(name) && !notForStage.includes(name) && !isForPrune
    case 'promote':
      return !notForPromote.includes(name) && !isForPrune
    case 'prune':
      return isForPrune || sharedWithPrune.includes(name)
  }
}

/** Names of the inputs of a form. */
export type InputOfForm<F extends InputSpec['form']> = {
  [N in InputName]: (typeof inputSpecs)[N]['form'] extends F ? N : never
}[InputName]

/**
 * Inputs that a later release implements. `action.yml` and the documentation do not list them. Setting one is an error,
 * because an ignored input would go unnoticed.
 */
export const laterInputs = ['extra-args'] as const

/** Names of the inputs of an action, in the order of the table. */
export function inputNames(action: ActionName): readonly InputName[] {
  return Object.keys(inputSpecs)
    .filter(isInputName)
    .filter((name) => hasInput(action, name))
}

/** Row of an input in an action, as the general type. */
export function specOf(name: InputName, action: ActionName = 'publish'): InputSpec {
  const spec: InputSpec = inputSpecs[name]
  return {...spec, ...spec.inAction?.[action]}
}

export function isInputName(name: string): name is InputName {
  return Object.hasOwn(inputSpecs, name)
}

/** Default value of an input. The result is empty for a default that is an expression: only the runner evaluates it. */
export function defaultText(name: InputName, action?: ActionName): string {
  const text = specOf(name, action).default ?? ''
  return text.startsWith('${{') ? '' : text
}
