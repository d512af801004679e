import {buildSpecs} from './spec-build.ts'
import {builderSpecs} from './spec-builder.ts'
import {cloudSpecs} from './spec-cloud.ts'
import {imageSpecs} from './spec-image.ts'
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
} as const

export type InputName = keyof typeof inputSpecs

/** Actions of this repository that have inputs. */
export const actionNames = ['publish', 'stage', 'promote'] as const

export type ActionName = (typeof actionNames)[number]

const promoteOnly: readonly InputName[] = ['digests', 'digest-names', 'from']
/** Inputs for the build and its builder. The promote action has `platforms`, to check them, and the annotations of its index. */
const notForPromote: readonly string[] = [
  ...Object.keys(buildSpecs).filter((name) => name !== 'platforms'),
  ...Object.keys(builderSpecs),
  'labels',
  'test',
  'export-login',
]

/** Reports whether an action has an input. */
export function hasInput(action: ActionName, name: InputName): boolean {
  switch (action) {
    case 'publish':
      return !promoteOnly.includes(name)
    case 'stage':
      return !promoteOnly.includes(name) && !Object.hasOwn({...signSpecs, ...verifySpecs}, name)
    case 'promote':
      return !notForPromote.includes(name)
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

/** Row of an input, as the general type. */
export function specOf(name: InputName): InputSpec {
  return inputSpecs[name]
}

export function isInputName(name: string): name is InputName {
  return Object.hasOwn(inputSpecs, name)
}

/** Default value of an input. The result is empty for a default that is an expression: only the runner evaluates it. */
export function defaultText(name: InputName): string {
  const text = specOf(name).default ?? ''
  return text.startsWith('${{') ? '' : text
}
