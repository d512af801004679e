import {triggeredBy} from '../../workflow-file/triggered-by.ts'
import type {Workflow, WorkflowJob} from '../../workflow-file/workflow.ts'
import {availableIn} from './available.ts'
import {evaluateMap} from './evaluate-inputs.ts'
import {needsOf} from './job-needs.ts'
import {simulateJob, type SimulatedJob} from './simulate-job.ts'
import type {SimulatedWorkflow, WorkflowOptions} from './simulated-workflow.ts'
import {namedValues, sharedContexts, withEnv} from './workflow-contexts.ts'

/** Simulates a workflow, or a part of one, for an event: whether it runs, and each step of Tagboat. */
export async function simulateWorkflow(workflow: Workflow, options: WorkflowOptions): Promise<SimulatedWorkflow> {
  const triggered = triggeredBy(workflow.on, options.event)
  if (!triggered.runs) return {runs: false, reason: triggered.reason, steps: []}
  const shared = sharedContexts(workflow, options)
  const workflowEnv = evaluateMap(workflow.env, availableIn('env', shared))
  const contexts = withEnv(shared, workflowEnv)
  const done = new Map<string, SimulatedJob>()
  for (const job of inOrder(workflow.jobs)) {
    const {needs, status} = needsOf(job, workflow.jobs, done, namedValues(options.values ?? {}, 'needs'))
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
