import type {Problem} from '../problem.ts'
import {nearest} from '../syntax/nearest.ts'
import {foreignInputs} from './foreign-inputs.ts'
import {actionNames, type ActionName} from './action-names.ts'
import {allSpecs, hasInput, inputNames, isInputName} from './all-inputs.ts'
import {laterInputs, type InputName} from './spec.ts'

/**
 * Problem of an input that the action does not have. Undefined for an input of a later release that is empty, because it
 * has no effect.
 */
export function unknownInputProblem(
  name: string,
  value: string,
  action: ActionName,
): Pick<Problem, 'message' | 'remedy' | 'remedyInRun'> | undefined {
  if (!laterInputs.some((later) => later === name)) {
    const remedyInRun = `If it is an environment variable of the job, rename INPUT_${name.toUpperCase()}.`
    return {message: 'unknown input', remedy: nameSuggestion(name, action), remedyInRun}
  }
  if (value.trim() === '') return undefined
  return {message: 'this input is not supported yet', remedy: laterRemedy}
}

const laterRemedy = 'Remove it from the step.'

/** Remedies for the inputs of other actions, of this repository and of others, that an action does not have. */
export function foreignRemedies(action: ActionName): ReadonlyMap<string, string> {
  const later = laterInputs.map((name) => [name, laterRemedy] as const)
  const own = Object.keys(allSpecs)
    .filter(isInputName)
    .map((name) => [name, `Remove it: it is an input of ${actionsWith(name).join(' and ')}.`] as const)
  const all = [...foreignInputs, ...later, ...own]
  return new Map(all.filter(([name]) => !hasInput(action, name)))
}

/** Remedy for an input that the action does not have. */
function nameSuggestion(name: string, action: ActionName): string {
  const known = foreignRemedies(action).get(name)
  if (known !== undefined) return known
  const match = nearest(name, inputNames(action))
  return match === undefined ? 'Remove it. docs/inputs.md lists all inputs.' : `Did you mean "${match}"?`
}

const actionTitles: Readonly<Record<ActionName, string>> = {
  publish: 'tagboat/tagboat@v1',
  stage: 'tagboat/tagboat/stage@v1',
  promote: 'tagboat/tagboat/promote@v1',
  prune: 'tagboat/tagboat/prune@v1',
}

function actionsWith(name: InputName): readonly string[] {
  return actionNames.filter((action) => hasInput(action, name)).map((action) => actionTitles[action])
}
