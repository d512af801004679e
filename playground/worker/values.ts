import {checkValues, declaredInputs, inputOptions} from '../../src/simulation/values/check-values.ts'
import {isTipFact} from '../../src/simulation/values/fact-names.ts'
import {
  canBeGiven,
  givenValues,
  type GivenPair,
  type GivenValues,
  type ValueProblem,
} from '../../src/simulation/values/given-values.ts'
import type {SimulatedStep} from '../../src/simulation/workflow/simulated-workflow.ts'
import {usualInput} from '../../src/simulation/workflow/workflow-contexts.ts'
import type {DispatchInput, Workflow} from '../../src/workflow-file/workflow.ts'
import type {ShownValue} from './messages.ts'

/** Values without a problem, and the problems of the others. `workflow` is undefined if it cannot be read. */
export function fittingValues(
  pairs: readonly GivenPair[],
  workflow: Workflow | undefined,
): {readonly given: GivenValues; readonly problems: readonly ValueProblem[]} {
  const named = givenValues(pairs).problems
  const others = workflow === undefined ? [] : checkValues(pairs, [workflow])
  const all = new Map([...others, ...named].map((problem) => [problem.index, problem]))
  const fitting = pairs.filter((_, index) => !all.has(index))
  return {given: givenValues(fitting).given, problems: [...all.values()]}
}

/** Event that was planned. */
export interface PlannedEvent {
  /** Key of `on` that starts the workflow. */
  readonly trigger: string
  readonly steps: readonly SimulatedStep[]
}

/** Values that plans need, and those that are given: inputs of the workflow first, in the order of the file. */
export function shownValues(
  workflow: Workflow,
  pairs: readonly GivenPair[],
  events: readonly PlannedEvent[],
): readonly ShownValue[] {
  const unknown = events.flatMap(({steps}) => steps.flatMap((step) => step.unknown.flatMap(({names}) => names)))
  const names = new Set([...unknown.filter(canBeGiven), ...pairs.map(([name]) => name)])
  const all = [
    ...['workflow_dispatch', 'workflow_call']
      .filter((trigger) => events.some((event) => event.trigger === trigger))
      .flatMap((trigger) => inputsOf(workflow, trigger)),
    ...schedulesOf(workflow, events),
    ...[...names].map((name) => ({name, usual: undefined, options: optionsOf(name, workflow)})),
  ]
  return all.filter((value, index) => all.findIndex(({name}) => name === value.name) === index)
}

/** Inputs of a trigger. Without a default, those of a manual run are empty. */
function inputsOf({on}: Workflow, trigger: string): readonly ShownValue[] {
  const inputs = on.get(trigger)?.inputs ?? new Map<string, DispatchInput>()
  return [...inputs].map(([name, input]) => {
    const empty = input.type === 'boolean' ? 'false' : ''
    const usual = usualInput(input) ?? (trigger === 'workflow_dispatch' ? empty : undefined)
    return {name: `inputs.${name}`, usual, options: inputOptions(input)}
  })
}

const schedule = 'github.event.schedule'

/** Times of a workflow with several, if it asks which one it is. */
function schedulesOf({on, text}: Workflow, events: readonly PlannedEvent[]): readonly ShownValue[] {
  const cron = on.get('schedule')?.cron ?? []
  const isAsked = events.some(({trigger}) => trigger === 'schedule') && text.includes('event.schedule')
  return isAsked && cron.length > 1 ? [{name: schedule, usual: cron[0], options: cron}] : []
}

function optionsOf(name: string, workflow: Workflow): readonly string[] {
  const [context, input] = name.split('.')
  // A manual run and a call can declare the same input.
  if (context === 'inputs')
    return [...new Set(declaredInputs([workflow]).flatMap(([key, one]) => (key === input ? inputOptions(one) : [])))]
  if (name === schedule) return workflow.on.get('schedule')?.cron ?? []
  if (isTipFact(name)) return ['true', 'false']
  return /^(?:steps|needs)\..*\.(?:outcome|conclusion|result)$/.test(name)
    ? ['success', 'failure', 'cancelled', 'skipped']
    : []
}
