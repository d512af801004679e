import {fieldAt} from '../../context/payload.ts'
import type {Contexts} from '../../workflow-file/expressions/evaluate-expression.ts'
import {triggeredBy} from '../../workflow-file/triggered-by.ts'
import type {Workflow, WorkflowJob} from '../../workflow-file/workflow.ts'
import type {SimulatedEvent} from '../events/event-choice.ts'
import {eventOf} from '../events/simulated-event.ts'
import {availableIn} from './available.ts'
import {evaluateMap} from './evaluate-inputs.ts'
import {withFileFaults} from './file-faults.ts'
import {needsOf} from './job-needs.ts'
import {simulateJob, type SimulatedJob} from './simulate-job.ts'
import type {SimulatedWorkflow, WorkflowOptions} from './simulated-workflow.ts'
import {namedValues, sharedContexts, withEnv} from './workflow-contexts.ts'

/** Simulates a workflow, or a part of one, for an event: whether it runs, and each step of Tagboat. */
export async function simulateWorkflow(workflow: Workflow, given: WorkflowOptions): Promise<SimulatedWorkflow> {
  const options = {...given, event: startingEvent(workflow.on, given.event)}
  const triggered = given.isCalled === true ? calledBy(workflow) : triggeredBy(workflow.on, options.event)
  if (!triggered.runs) return {runs: false, reason: triggered.reason, steps: []}
  const shared = sharedContexts(workflow, options)
  const workflowEnv = evaluateMap(workflow.env, availableIn('env', shared))
  const contexts = withEnv(shared, workflowEnv)
  const done = new Map<string, SimulatedJob>()
  for (const job of inOrder(workflow.jobs)) {
    const {needs, status} = needsOf(job, workflow.jobs, done, namedValues(options.values ?? {}, 'needs'))
    const ofJob = {contexts: {...contexts, needs}, options}
    const own = workflow.kind === 'workflow' || workflow.kind === 'jobs' ? namedJob(job.id, ofJob) : ofJob
    done.set(job.id, await simulateJob({workflow, job, ...own, status, workflowEnv}))
  }
  const steps = workflow.jobs.flatMap(({id}) => done.get(id)?.steps ?? [])
  const ofJobs = workflow.jobs.map(({id}) => ({job: id, faults: done.get(id)?.faults ?? []}))
  const all = withFileFaults(steps, [{job: undefined, faults: workflowEnv.faults}, ...ofJobs])
  return {runs: true, ...(triggered.assumed && {assumed: triggered.assumed}), steps: all}
}

interface JobFacts {
  readonly contexts: Contexts
  readonly options: WorkflowOptions
}

/** Contexts and options with the ID of the job as `github.job` and GITHUB_JOB. */
function namedJob(id: string, {contexts, options}: JobFacts): JobFacts {
  const {github} = contexts
  const {event} = options
  return {
    contexts: {...contexts, github: {...(typeof github === 'object' && github), job: id}},
    options: {...options, event: {...event, environment: {...event.environment, GITHUB_JOB: id}}},
  }
}

/** Whether a workflow runs if another one calls it. */
function calledBy({on}: Workflow): ReturnType<typeof triggeredBy> {
  if (on.size === 0 || on.has('workflow_call')) return {runs: true}
  return {runs: false, reason: `\`on\` does not list workflow_call, only ${[...on.keys()].join(', ')}`}
}

/** Event itself, or another activity of it. GitHub sends `created`, `published` and `released` for one new release. */
function startingEvent(on: Workflow['on'], event: SimulatedEvent): SimulatedEvent {
  const types = on.get('release')?.types
  if (event.environment['GITHUB_EVENT_NAME'] !== 'release' || types === undefined) return event
  if (event.payload['action'] !== 'published' || types.includes('published')) return event
  const isPrerelease = fieldAt(event.payload, 'release', 'prerelease') === true
  const action = ['created', isPrerelease ? 'prereleased' : 'released'].find((one) => types.includes(one))
  return action === undefined ? event : eventOf(event.environment, {...event.payload, action})
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
