import {OpenContext, UnknownValue} from '../../workflow-file/expressions/partial-data.ts'
import {isRecord} from '../../workflow-file/record.ts'
import {writtenVariables} from '../../workflow-file/step-effects.ts'
import type {WorkflowStep} from '../../workflow-file/workflow.ts'
import type {EvaluatedMap} from './evaluate-inputs.ts'

/** Variables that a step of a job has before its own. */
export interface JobVariables {
  /** Value of the context `env`. */
  readonly context: unknown
  readonly variables: EvaluatedMap
}

/**
 * Variables after a step: those that it writes are not known, and if it may write others, those that do not exist before
 * may exist now. A value that is given is in place of one that is not known.
 */
export function afterStep(
  {context, variables}: JobVariables,
  step: WorkflowStep,
  given: Readonly<Record<string, string>>,
): JobVariables {
  const {names, others} = writtenVariables(step)
  const known = context instanceof OpenContext ? context.known : isRecord(context) ? context : {}
  const all = names === 'unknown' ? [...Object.keys(known), ...variables.values.keys()] : names
  const written = new Set(all)
  const texts = Object.entries(given).filter(([name]) => written.has(name))
  const open = [...written].filter((name) => !Object.hasOwn(given, name))
  const unknown = open.map((name) => [name, new UnknownValue(`env.${name}`)] as const)
  const after = {...known, ...Object.fromEntries<unknown>([...texts, ...unknown])}
  return {
    context: context instanceof OpenContext || others !== 'none' ? new OpenContext(after) : after,
    variables: {
      ...variables,
      values: new Map([...[...variables.values].filter(([name]) => !written.has(name)), ...texts]),
      unknown: [
        ...variables.unknown.filter(({input}) => !written.has(input)),
        ...open.map((name) => ({input: name, names: [`env.${name}`]})),
      ],
    },
  }
}
