import {readBuildInputs} from './build-inputs.ts'
import {readBuilderInputs} from './builder-inputs.ts'
import {readCredentialInputs} from './credential-inputs.ts'
import {readImageInputs} from './image-inputs.ts'
import {InputReader} from './input-reader.ts'
import type {RawInputs} from '../io/environment.ts'
import type {Inputs, PromoteInputs} from './inputs.ts'
import {ecrRemedy} from './secrets/ecr-login.ts'
import {foreignInputs} from './spec/foreign-inputs.ts'
import {nearest} from './syntax/nearest.ts'
import type {Problems} from './problem.ts'
import {readOutputInputs, readPublishInputs} from './publish-inputs.ts'
import {
  actionNames,
  hasInput,
  inputNames,
  isInputName,
  laterInputs,
  type ActionName,
  type InputName,
} from './spec/spec.ts'

/**
 * Parses and checks all inputs. An invalid value is added to `problems` and replaced by a valid one, so that all problems
 * are found. Call `problems.throwIfAny()` before using the result.
 */
export async function readInputs(raw: RawInputs, problems: Problems, action: ActionName = 'publish'): Promise<Inputs> {
  checkNames(raw, action, problems)
  const reader = new InputReader(raw, problems)
  return {
    image: readImageInputs(reader),
    build: await readBuildInputs(reader),
    builder: await readBuilderInputs(reader),
    credentials: await readCredentialInputs(reader),
    publish: readPublishInputs(reader),
    promote: action === 'promote' ? await readPromote(reader) : {sources: []},
    output: readOutputInputs(reader),
  }
}

/** Reads the inputs that only the promote action has. */
async function readPromote(reader: InputReader): Promise<PromoteInputs> {
  const {readPromoteInputs} = await import('./promote-inputs.ts')
  return readPromoteInputs(reader)
}

/** Reports unknown inputs, which the runner passes on with a warning only. */
function checkNames(raw: RawInputs, action: ActionName, problems: Problems): void {
  for (const [name, value] of raw) {
    if (isInputName(name) && hasInput(action, name)) continue
    const ofLogin = Object.hasOwn(loginRemedies, name) ? loginRemedies[name] : undefined
    if (ofLogin === undefined && !laterInputs.some((later) => later === name)) {
      problems.add({input: name, message: 'unknown input', remedy: nameRemedy(name, action)})
    } else if (value.trim() !== '') {
      const remedy = ofLogin ?? 'Remove it from the step.'
      problems.add({input: name, message: 'this input is not supported yet', remedy})
    }
  }
}

/** Remedies for inputs of docker/login-action that are not supported yet. */
const loginRemedies: Readonly<Record<string, string>> = {
  ecr: ecrRemedy,
  scope: 'Remove it. A login is for all repositories of its registry.',
}

function nameRemedy(name: string, action: ActionName): string {
  return `${nameSuggestion(name, action)} If it is an environment variable of the job, rename INPUT_${name.toUpperCase()}.`
}

/** First sentence of the remedy for an unknown input, which may also be an environment variable `INPUT_…` of the job. */
function nameSuggestion(name: string, action: ActionName): string {
  const owner = isInputName(name) ? actionsWith(name) : []
  if (owner.length > 0) return `Remove it: it is an input of ${owner.join(' and ')}.`
  const foreign = foreignInputs.get(name)
  if (foreign !== undefined) return foreign
  const match = nearest(name, inputNames(action))
  return match === undefined ? 'Remove it. docs/inputs.md lists all inputs.' : `Did you mean "${match}"?`
}

const actionTitles: Readonly<Record<ActionName, string>> = {
  publish: 'tagboat',
  stage: 'tagboat/stage',
  promote: 'tagboat/promote',
}

function actionsWith(name: InputName): readonly string[] {
  return actionNames.filter((action) => hasInput(action, name)).map((action) => actionTitles[action])
}
