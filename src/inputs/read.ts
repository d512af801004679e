import {readBuildInputs} from './build-inputs.ts'
import {readBuilderInputs} from './builder-inputs.ts'
import {readCredentialInputs} from './credentials/credential-inputs.ts'
import {readImageInputs} from './image-inputs.ts'
import {InputReader} from './input-reader.ts'
import type {RawInputs} from '../io/environment.ts'
import type {Inputs} from './inputs.ts'
import type {PromoteInputs} from './promote-inputs.ts'
import type {Problems} from './problem.ts'
import type {PruneInputs} from './prune/policy.ts'
import {readOutputInputs, readPublishInputs} from './publish-inputs.ts'
import type {VerifyInputs} from './verify/demand.ts'
import {signSpecs} from './spec/spec-sign.ts'
import {scanSpecs} from './spec/spec-scan.ts'
import type {ActionName} from './spec/action-names.ts'
import {isPublishingInput, publishesWith} from './spec/spec.ts'

/**
 * Parses and checks all inputs. An invalid value is added to `problems` and replaced by a valid one, so that all problems
 * are found. Call `problems.throwIfAny()` before using the result.
 */
export async function readInputs(raw: RawInputs, problems: Problems, action: ActionName = 'publish'): Promise<Inputs> {
  await checkNames(raw, action, problems)
  const reader = await readerOf(raw, action, problems)
  return {
    image: readImageInputs(reader),
    build: await readBuildInputs(reader),
    builder: await readBuilderInputs(reader),
    credentials: await readCredentialInputs(reader),
    publish: readPublishInputs(reader),
    ...(await readSign(reader)),
    promote: action === 'promote' ? await readPromote(reader) : {sources: []},
    verify:
      action !== 'prune' && publishesWith(action, 'verify') && isVerifying(reader)
        ? await readVerify(reader)
        : undefined,
    scan: await readScan(reader),
    output: readOutputInputs(reader),
    ...(action === 'prune' && {prune: await readPrune(reader)}),
  }
}

/** Reads the inputs for signatures, which few runs have. */
async function readSign(reader: InputReader): Promise<Pick<Inputs, 'sign'>> {
  if (!Object.keys(signSpecs).some((name) => isPublishingInput(name) && reader.isSet(name))) return {}
  const {readSignInputs} = await import('./sign-inputs.ts')
  const sign = readSignInputs(reader)
  return sign === undefined ? {} : {sign}
}

/** Reads the inputs of a scan, which few runs have. */
async function readScan(reader: InputReader): Promise<Inputs['scan']> {
  if (!Object.keys(scanSpecs).some((name) => isPublishingInput(name) && reader.isSet(name))) return undefined
  const {readScanInputs} = await import('./scan/scan-inputs.ts')
  return readScanInputs(reader)
}

/** Reads the inputs that only the promote action has. */
async function readPromote(reader: InputReader): Promise<PromoteInputs> {
  const {readPromoteInputs} = await import('./promote-inputs.ts')
  return readPromoteInputs(reader)
}

/** Reader of the inputs of an action. */
async function readerOf(raw: RawInputs, action: ActionName, problems: Problems): Promise<InputReader> {
  if (action !== 'prune') return new InputReader(raw, problems)
  const {pruneSpec} = await import('./spec/all-inputs.ts')
  return new InputReader(raw, problems, pruneSpec)
}

/** Predicate for the names of the inputs of the prune action. */
async function knownToPrune(): Promise<(name: string) => boolean> {
  const {hasInput} = await import('./spec/all-inputs.ts')
  return (name) => hasInput('prune', name)
}

/** Reads the inputs that only the prune action has. */
async function readPrune(reader: InputReader): Promise<PruneInputs> {
  const {readPruneInputs} = await import('./prune/prune-inputs.ts')
  return readPruneInputs(reader)
}

function isVerifying(reader: InputReader): boolean {
  return reader.isSet('verify') || reader.isSet('verify-key') || reader.isSet('sigstore-trust')
}

/** Reads the inputs that demand signatures. */
async function readVerify(reader: InputReader): Promise<VerifyInputs> {
  const {readVerifyInputs} = await import('./verify/verify-inputs.ts')
  return readVerifyInputs(reader)
}

/** Reports unknown inputs, which the runner passes on with a warning only. */
async function checkNames(raw: RawInputs, action: ActionName, problems: Problems): Promise<void> {
  const isKnown = action === 'prune' ? await knownToPrune() : (name: string) => publishesWith(action, name)
  const unknown = [...raw].filter(([name]) => !isKnown(name))
  if (unknown.length === 0) return
  const {unknownInputProblem} = await import('./spec/unknown-inputs.ts')
  for (const [name, value] of unknown) {
    const problem = unknownInputProblem(name, value, action)
    if (problem !== undefined) problems.add({input: name, ...problem})
  }
}
