import {inputNames, specOf, type ActionName} from '../../src/inputs/spec/spec.ts'
import {hasOutput, outputSpecs} from '../../src/report/output-spec.ts'
import {listFormat} from './input-format.ts'
import {inputTexts} from './input-texts.ts'

/** The `inputs` block of an `action.yml`. */
export function actionInputs(action: ActionName): string {
  const rows = inputNames(action).map((name) => {
    const {form, default: value} = specOf(name)
    const {description, fallback} = inputTexts[name]
    const list = listFormat(form)
    const sentences = [
      description,
      ...(list === undefined ? [] : [`${list}.`]),
      ...(fallback === undefined ? [] : [`Default: ${fallback}.`]),
    ]
    const defaultRow = value === undefined ? '' : `\n    default: ${quote(value)}`
    return `  ${name}:\n    description: ${quote(sentences.join(' '))}\n    required: false${defaultRow}\n`
  })
  return `inputs:\n${rows.join('')}`
}

/** The `outputs` block of an `action.yml`. */
export function actionOutputs(action: ActionName): string {
  const rows = Object.entries(outputSpecs)
    .filter(([name]) => hasOutput(action, name))
    .map(([name, description]) => `  ${name}:\n    description: ${quote(description)}\n`)
  return `outputs:\n${rows.join('')}`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
