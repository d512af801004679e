import type {Workflow, Written} from '../../workflow-file/workflow.ts'
import type {SimulatedStep} from './simulated-workflow.ts'

/** Inputs of a step, or of a job that calls a workflow, as they are written. Their names are in lower case: case does not count. */
export function writtenInputs(
  {job, index}: Pick<SimulatedStep, 'job' | 'index'>,
  {jobs}: Workflow,
): ReadonlyMap<string, Written> {
  const found = jobs.find(({id}) => id === job)
  const inputs = (index === undefined ? found : found?.steps[index])?.with ?? []
  return new Map([...inputs].map(([name, written]) => [name.toLowerCase(), written]))
}
