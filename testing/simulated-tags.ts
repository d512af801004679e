import {boundedRegex} from '../src/io/bounded-regex.ts'
import type {EventChoice} from '../src/simulation/events/event-choice.ts'
import {simulatedEvent} from '../src/simulation/events/simulated-event.ts'
import {simulateWorkflow} from '../src/simulation/workflow/simulate-workflow.ts'
import type {SimulatedStep, SimulatedWorkflow, WorkflowOptions} from '../src/simulation/workflow/simulated-workflow.ts'
import {readWorkflow} from '../src/workflow-file/read-workflow.ts'

const now = new Date('2026-01-02T03:04:05Z')

/** Simulates a text for an event. */
export async function simulatedText(
  text: string,
  choice: EventChoice = {event: 'push'},
  options: Partial<WorkflowOptions> = {},
): Promise<SimulatedWorkflow> {
  const read = readWorkflow(text)
  if ('problems' in read) throw new Error(JSON.stringify(read.problems))
  return simulateWorkflow(read.workflow, {event: simulatedEvent(choice, now), now, regex: boundedRegex(), ...options})
}

/** Tags of a step, or the state of one without a plan. */
export function tagsOfStep({state, result}: SimulatedStep): string {
  return result === undefined
    ? state
    : (result.failure?.code ?? (result.outputs['tag-names'] ?? '').replaceAll('\n', ' '))
}

/** Tags of the steps of a text. */
export async function tagsOfText(...request: Parameters<typeof simulatedText>): Promise<readonly string[]> {
  return (await simulatedText(...request)).steps.map(tagsOfStep)
}
