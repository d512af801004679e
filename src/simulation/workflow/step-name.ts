import type {SimulatedStep} from './simulated-workflow.ts'

/** Name of a step, with its number from 1 if another step of the job has the same name. */
export function stepName({job, index, name}: SimulatedStep, all: readonly SimulatedStep[]): string {
  const isShared = all.some((one) => one.job === job && one.name === name && one.index !== index)
  return isShared ? numberedName({index, name}) : name
}

/** Name of a step with its number from 1. A job that calls a workflow has none. */
export function numberedName({index, name}: Pick<SimulatedStep, 'index' | 'name'>): string {
  return index === undefined ? name : `${name} (step ${index + 1})`
}
