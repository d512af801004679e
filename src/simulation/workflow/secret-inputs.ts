import {secretsIn} from '../../workflow-file/expressions/secret-text.ts'
import {simulate, type SimulationRequest} from '../simulate.ts'
import type {Simulated} from '../simulated.ts'
import {isDecisive, type EvaluatedMap} from './evaluate-inputs.ts'
import type {UnknownInput} from './simulated-workflow.ts'

/** Inputs in which a text that is not known decides about the plan are unknown. A secret in the name of an image is not. */
export function withUnknownSecrets(inputs: EvaluatedMap): EvaluatedMap {
  const unknown = [...inputs.values].flatMap(([input, text]): readonly UnknownInput[] => {
    const names = isDecisive(input) ? decidingSecrets(input.toLowerCase(), text) : []
    return names.length === 0 ? [] : [{input, names}]
  })
  const isUnknown = (input: string): boolean => unknown.some((one) => one.input === input)
  return {
    ...inputs,
    values: new Map([...inputs.values].filter(([input]) => !isUnknown(input))),
    unknown: [...inputs.unknown, ...unknown],
  }
}

/** Secrets that are more than a part of a name. A line of `tags` with a slash is a reference with its repository. */
function decidingSecrets(input: string, text: string): readonly string[] {
  if (input === 'images') return []
  if (input !== 'tags') return secretsIn(text)
  const lines = text.split('\n').filter((line) => !line.includes('/') || line.trim().startsWith('type='))
  return secretsIn(lines.join('\n'))
}

/** Texts that pass the check of the form of an input: Amazon ECR accepts no other user name than this one and a key. */
const accepted: ReadonlyMap<string, string> = new Map([['username', 'AWS']])

/**
 * Simulates a step. A check of the form of an input does not apply to a secret, whose text is not known: an input that
 * fails one is listed, and left out unless there is a text that passes. If the plan depends on it, it is unknown.
 */
export async function simulateWithSecrets(
  request: SimulationRequest,
): Promise<{readonly result: Simulated; readonly unknown: readonly UnknownInput[]}> {
  const result = await simulate(request)
  const problems = result.failure?.problems ?? []
  const judged = [...request.inputs].filter(
    ([input, text]) => secretsIn(text).length > 0 && problems.some((one) => one.input === input.toLowerCase()),
  )
  if (judged.length === 0) return {result, unknown: []}
  const unknown = judged.map(([input, text]) => ({input, names: secretsIn(text)}))
  if (judged.some(([input]) => isDecisive(input)))
    return {result: {outputs: {}, notices: [], warnings: [], unknown}, unknown: []}
  const inputs = [...request.inputs].flatMap(([input, text]): readonly (readonly [string, string])[] => {
    if (!judged.some(([name]) => name === input)) return [[input, text]]
    const other = accepted.get(input.toLowerCase())
    return other === undefined ? [] : [[input, other]]
  })
  const again = await simulateWithSecrets({...request, inputs: new Map(inputs)})
  return {...again, unknown: [...unknown, ...again.unknown]}
}
