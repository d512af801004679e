import type {ActionName} from '../../src/inputs/spec/action-names.ts'
import {inputNames, specOf} from '../../src/inputs/spec/all-inputs.ts'
import type {InputName} from '../../src/inputs/spec/spec.ts'
import {outputsOf} from './action-outputs.ts'
import {listFormat} from './input-format.ts'
import {inputTexts} from './input-texts.ts'

/** The `inputs` block of an `action.yml`. */
export function actionInputs(action: ActionName): string {
  const rows = inputNames(action).map((name) => {
    const {default: value} = specOf(name, action)
    const defaultRow = value === undefined ? '' : `\n    default: ${quote(value)}`
    return `  ${name}:\n    description: ${quote(describeInput(name, action))}\n    required: false${defaultRow}\n`
  })
  return `inputs:\n${rows.join('')}`
}

/** Description of an input, with the format of a list and the default that depends on the run. */
export function describeInput(name: InputName, action: ActionName): string {
  const {description, fallback, inAction} = inputTexts[name]
  const list = listFormat(specOf(name).form)
  const sentences = [
    inAction?.[action] ?? description,
    ...(list === undefined ? [] : [`${list}.`]),
    ...(fallback === undefined ? [] : [`Default: ${fallback}.`]),
  ]
  return sentences.join(' ')
}

/** The `outputs` block of an `action.yml`. */
export function actionOutputs(action: ActionName): string {
  const rows = [...outputsOf(action)].map(([name, text]) => `  ${name}:\n    description: ${quote(text)}\n`)
  return `outputs:\n${rows.join('')}`
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
