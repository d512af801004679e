import type {ExpressionFault, SimulatedStep} from './simulated-workflow.ts'

/** Faults outside of steps, with the job that they are in, if any. */
interface FileFaults {
  readonly job: string | undefined
  readonly faults: readonly ExpressionFault[]
}

/** Adds the faults outside of steps, each once: to the first step of the job, or else to the first of all. */
export function withFileFaults(
  steps: readonly SimulatedStep[],
  files: readonly FileFaults[],
): readonly SimulatedStep[] {
  const added = new Map<SimulatedStep, ExpressionFault[]>()
  const seen = new Set<number>()
  for (const {job, faults} of files) {
    const step = steps.find((one) => one.job === job) ?? steps[0]
    if (step === undefined) continue
    const fresh = faults.filter(({place}) => !seen.has(place.start) && seen.add(place.start))
    if (fresh.length > 0) added.set(step, [...(added.get(step) ?? []), ...fresh])
  }
  return steps.map((step) => {
    const faults = added.get(step)
    if (faults === undefined) return step
    const {job, leg, index, name, action, place, unknown} = step
    const invalid = {state: 'invalid', reason: 'an expression is not valid', unknown} as const
    return {...{job, ...(leg && {leg}), index, name, action, place}, ...invalid, faults: [...faults, ...step.faults]}
  })
}
