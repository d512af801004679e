import type {Contexts, JobStatus} from '../../workflow-file/expressions/evaluate-expression.ts'
import {OpenContext, UnknownValue} from '../../workflow-file/expressions/partial-data.ts'
import type {WorkflowJob} from '../../workflow-file/workflow.ts'
import type {SimulatedJob} from './simulate-job.ts'
import {givenText, withGiven} from './workflow-contexts.ts'

/** Context `needs` of a job, and the status of all the jobs that run before it. */
export function needsOf(
  {needs}: WorkflowJob,
  jobs: readonly WorkflowJob[],
  done: ReadonlyMap<string, SimulatedJob>,
  given: Readonly<Record<string, unknown>>,
): {readonly needs: Contexts[string]; readonly status: JobStatus} {
  const entries = needs.map((id) => {
    const job = done.get(id)
    const result = job?.result ?? new UnknownValue(`needs.${id}.result`)
    return [id, {result, outputs: new OpenContext(job?.outputs ?? {})}] as const
  })
  // A job that does not run has no outputs.
  const ofRuns = Object.entries(given).filter(([id]) => done.get(id)?.result !== 'skipped')
  const before = ancestors(needs, jobs).flatMap((id): readonly Outcome[] => {
    const job = done.get(id)
    const result = job?.result === 'skipped' ? undefined : givenText(given[id], 'result')
    if (result !== undefined) return [{result, waitsFor: []}]
    return job === undefined ? [] : [job]
  })
  return {
    needs: withGiven(Object.fromEntries<unknown>(entries), Object.fromEntries(ofRuns)),
    status: statusOf(before),
  }
}

/** Result of a job, and the values that it waits for. */
interface Outcome extends Pick<SimulatedJob, 'waitsFor'> {
  readonly result: string | undefined
}

/** IDs of the jobs that a job needs, and of those that they need: `success()` and `failure()` ask all of them. */
function ancestors(needs: readonly string[], jobs: readonly WorkflowJob[]): readonly string[] {
  const found = new Set(needs)
  // A set yields what is added while it is read.
  for (const id of found) {
    for (const needed of jobs.find((job) => job.id === id)?.needs ?? []) found.add(needed)
  }
  return [...found]
}

function statusOf(jobs: readonly Outcome[]): JobStatus {
  const results = jobs.map(({result}) => result)
  const ended = (['failure', 'cancelled'] as const).find((result) => results.includes(result))
  if (ended !== undefined) return ended
  const isSkipped = results.includes('skipped')
  const unknown = [...new Set(jobs.flatMap(({waitsFor}) => waitsFor))]
  if (unknown.length > 0) return {unknown, isSkipped}
  return isSkipped ? 'skipped' : 'success'
}
