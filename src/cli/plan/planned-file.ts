import type {SimulatedStep, SimulatedWorkflow} from '../../simulation/workflow/simulated-workflow.ts'
import {writtenInputs} from '../../simulation/workflow/written-inputs.ts'
import type {Workflow, Written} from '../../workflow-file/workflow.ts'
import type {NamedEvent} from './choose-events.ts'

/** File with its plans. */
export interface PlannedFile {
  /** Path as it was named; `-` for standard input. */
  readonly name: string
  readonly workflow: Workflow
  readonly plans: readonly {readonly event: NamedEvent; readonly simulated: SimulatedWorkflow}[]
}

/** Place of a problem in a file, as `file:line:column`. */
export function placeText(name: string, {line, column}: {readonly line: number; readonly column: number}): string {
  return `${name === '-' ? 'stdin' : name}:${line}:${column}`
}

/** Place of a problem with an input, as `file:line:column`: that of its line in the value, or else that of the step. */
export function inputPlace(
  {name, workflow}: PlannedFile,
  step: SimulatedStep,
  problem: {readonly input: string; readonly message: string; readonly line?: number},
): string {
  const written = writtenInputs(step, workflow).get(problem.input)
  if (written === undefined) return placeText(name, step.place)
  if (problem.message === 'unknown input') return placeText(name, written.key)
  return placeText(name, lineOf(written, problem.line, workflow.text))
}

/** Place of a line of a value. The lines of a block are those below its header. */
function lineOf(
  {place, style}: Written,
  line: number | undefined,
  text: string,
): {readonly line: number; readonly column: number} {
  if (line === undefined || (style !== 'literal' && style !== 'folded')) return place
  const at = place.line + line
  const content = text.split('\n')[at - 1] ?? ''
  return {line: at, column: content.length - content.trimStart().length + 1}
}
