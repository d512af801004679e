import type {ActionName} from './action-names.ts'
import {buildSpecs} from './spec-build.ts'
import {builderSpecs} from './spec-builder.ts'
import {cloudSpecs} from './spec-cloud.ts'
import {imageSpecs} from './spec-image.ts'
import {pruneSpecs} from './spec-prune.ts'
import {credentialSpecs, publishSpecs} from './spec-publish.ts'
import type {InputSpec} from './spec-row.ts'
import {scanSpecs} from './spec-scan.ts'
import {signSpecs} from './spec-sign.ts'
import {verifySpecs} from './spec-verify.ts'
import {defaultOf, inputSpecs, publishesWith, type InputName, type SpecOf} from './spec.ts'

/** Every input of this release, by topic. `action.yml` and `docs/inputs.md` are derived from this table. */
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

/** Every input of this release. */
export const allSpecs = {...inputSpecs, ...pruneSpecs} as const

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

export function isInputName(name: string): name is InputName {
  return Object.hasOwn(allSpecs, name)
}

/** Reports whether an action has an input. */
export function hasInput(action: ActionName, name: string): boolean {
  if (action !== 'prune') return publishesWith(action, name)
  return Object.hasOwn(pruneSpecs, name) || sharedWithPrune.includes(name)
}

/** Names of the inputs of an action, in the order of the table. */
export function inputNames(action: ActionName): readonly InputName[] {
  return Object.keys(allSpecs)
    .filter(isInputName)
    .filter((name) => hasInput(action, name))
}

/** Row of an input in an action. */
export function specOf(name: InputName, action: ActionName = 'publish'): InputSpec {
  const spec: InputSpec = allSpecs[name]
  return {...spec, ...spec.inAction?.[action]}
}

/** Row of an input in the prune action. */
export const pruneSpec: SpecOf = (name) => specOf(name, 'prune')

/** Default value of an input in an action. */
export function defaultText(name: InputName, action?: ActionName): string {
  return defaultOf(specOf(name, action))
}
