import type {EventAnswer, StepAnswer} from './messages.ts'

/** Whether an event pushes: one step that does is enough, and one that is not known leaves it open. */
export function pushedBy(steps: readonly StepAnswer[]): EventAnswer['pushed'] {
  const pushes = steps.map(({outcome}) => pushOf(outcome))
  if (pushes.includes(true)) return 'yes'
  if (pushes.includes(undefined)) return 'not known'
  return steps.some(({outcome}) => outcome.kind === 'planned' && outcome.plan.isDryRun) ? 'dry run' : 'no'
}

function pushOf(outcome: StepAnswer['outcome']): boolean | undefined {
  if (outcome.kind === 'unknown') return outcome.pushes
  if (outcome.kind !== 'planned') return false
  const {pushes, refusal, pushFails} = outcome.plan
  return pushes && refusal === undefined && pushFails === undefined
}
