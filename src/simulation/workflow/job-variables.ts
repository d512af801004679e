import {OpenContext, UnknownValue} from '../../workflow-file/expressions/partial-data.ts'
import {isRecord} from '../../workflow-file/record.ts'
import type {WorkflowStep} from '../../workflow-file/workflow.ts'
import type {EvaluatedMap} from './evaluate-inputs.ts'

/** Variables that a step of a job has before its own. */
export interface JobVariables {
  /** Value of the context `env`. */
  readonly context: unknown
  readonly variables: EvaluatedMap
}

/** Actions that set no variable of which the name is not known. */
const quietAction =
  /^(?:actions\/(?:checkout|cache|upload-artifact|download-artifact)|docker\/[\w-]+|[\w.-]+\/tagboat(?:\/\w+)?)@/i

/** Reports whether a step can write variables and files that later steps of its job see. */
export function canWrite({run, uses}: WorkflowStep): boolean {
  return run !== undefined || (uses !== undefined && !quietAction.test(uses.text.trim()))
}

/**
 * Variables after a step that can write to GITHUB_ENV: those that do not exist before may exist now, and those that a
 * script names beside GITHUB_ENV may have another value. Values that are given stay.
 */
export function afterStep(
  {context, variables}: JobVariables,
  step: WorkflowStep,
  given: Readonly<Record<string, string>>,
): JobVariables {
  if (!canWrite(step)) return {context, variables}
  const script = step.run?.text ?? ''
  const words = new Set(script.includes('GITHUB_ENV') ? script.match(/\w+/g) : [])
  const isWritten = (name: string): boolean => words.has(name) && !Object.hasOwn(given, name)
  const known = context instanceof OpenContext ? context.known : isRecord(context) ? context : {}
  const entries = Object.entries(known).map(([name, value]): readonly [string, unknown] => [
    name,
    isWritten(name) ? new UnknownValue(`env.${name}`) : value,
  ])
  const written = [...variables.values.keys()].filter(isWritten)
  return {
    context: new OpenContext(Object.fromEntries(entries)),
    variables: {
      ...variables,
      values: new Map([...variables.values].filter(([name]) => !isWritten(name))),
      unknown: [...variables.unknown, ...written.map((name) => ({input: name, names: [`env.${name}`]}))],
    },
  }
}
