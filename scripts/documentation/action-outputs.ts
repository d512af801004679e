import {actionNames, type ActionName} from '../../src/inputs/spec/action-names.ts'
import {hasOutput, outputSpecs} from '../../src/report/output-spec.ts'
import {pruneOutputSpecs} from '../../src/report/prune/prune-output-spec.ts'

/** Descriptions of the outputs of an action by their names, in the order of the tables. */
export function outputsOf(action: ActionName): ReadonlyMap<string, string> {
  if (action === 'prune') return new Map(Object.entries(pruneOutputSpecs))
  return new Map(Object.entries(outputSpecs).filter(([name]) => hasOutput(action, name)))
}

/** Names of the outputs of all actions. */
export const outputNames: readonly string[] = [
  ...new Set(actionNames.flatMap((action) => [...outputsOf(action).keys()])),
]
