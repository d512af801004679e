import type {Contexts, JobStatus} from '../../workflow-file/expressions/evaluate-expression.ts'
import {OpenContext, UnknownValue} from '../../workflow-file/expressions/partial-data.ts'
import {triggeredBy} from '../../workflow-file/triggered-by.ts'
import type {Workflow, WorkflowJob} from '../../workflow-file/workflow.ts'
import {availableIn} from './available.ts'
import {evaluateMap} from './evaluate-inputs.ts'
import {simulateJob} from './simulate-job.ts'
import type {SimulatedWorkflow, WorkflowOptions} from './simulated-workflow.ts'
import {namedValues, sharedContexts, withEnv} from './workflow-contexts.ts'

type JobResult = Awaited<ReturnType<typeof simulateJob>>

/** Simulates a workflow, or a part of one, for an event: whether it runs, and each step of Tagboat. */
export async function simulateWorkflow(workflow: Workflow, options: WorkflowOptions): Promise<SimulatedWorkflow> {
  const triggered = triggeredBy(workflow.on, options.event)
  if (!triggered.runs) return {runs: false, reason: triggered.reason, steps: []}
  const shared = sharedContexts(workflow, options)
  const workflowEnv = evaluateMap(workflow.env, availableIn('env', shared))
  const contexts = withEnv(shared, workflowEnv)
  const done = new Map<string, JobResult>()
  for (const job of inOrder(workflow.jobs)) {
    const {needs, status} = needsOf(job, done, namedValues(options.values ?? {}, 'needs'))
    done.set(job.id, await simulateJob({workflow, job, contexts: {...contexts, needs}, status, workflowEnv, options}))
  }
  const steps = workflow.jobs.flatMap(({id}) => done.get(id)?.steps ?? [])
  return {runs: true, ...(triggered.assumed && {assumed: triggered.assumed}), steps}
}

/** Jobs, each after those that it needs. Jobs that need each other keep their order. */
function inOrder(jobs: readonly WorkflowJob[]): readonly WorkflowJob[] {
  const ordered: WorkflowJob[] = []
  const add = (job: WorkflowJob, waiting: readonly string[]): void => {
    if (ordered.includes(job) || waiting.includes(job.id)) return
    for (const needed of jobs.filter(({id}) => job.needs.includes(id))) add(needed, [...waiting, job.id])
    ordered.push(job)
  }
  for (const job of jobs) add(job, [])
  return ordered
}

/** Context `needs` of a job, and whether the jobs that it needs succeed. */
function needsOf(
  {needs}: WorkflowJob,
  done: ReadonlyMap<string, JobResult>,
  given: Readonly<Record<string, unknown>>,
): {readonly needs: Contexts[string]; readonly status: JobStatus | 'skipped'} {
  const results = needs.map((id) => [id, done.get(id)] as const)
  const entries = results.map(
    ([id, job]) =>
      [
        id,
        {result: job?.result ?? new UnknownValue(`needs.${id}.result`), outputs: new OpenContext(job?.outputs ?? {})},
      ] as const,
  )
  const states = results.map(([, job]) => job?.result)
  const status = states.includes('failure') ? 'failure' : states.includes('skipped') ? 'skipped' : 'success'
  return {needs: new OpenContext({...Object.fromEntries<unknown>(entries), ...given}), status}
}
