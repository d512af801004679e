import {fieldAt, textAt} from '../../context/payload.ts'
import type {Contexts} from '../../workflow-file/expressions/evaluate-expression.ts'
import {triggeredBy} from '../../workflow-file/triggered-by.ts'
import {withMaskedSecrets} from '../../workflow-file/expressions/secret-text.ts'
import type {Workflow, WorkflowJob} from '../../workflow-file/workflow.ts'
import type {SimulatedEvent} from '../events/event-choice.ts'
import {eventOf} from '../events/simulated-event.ts'
import {availableIn} from './available.ts'
import {evaluateMap} from './evaluate-inputs.ts'
import {withFileFaults} from './file-faults.ts'
import {needsOf} from './job-needs.ts'
import {simulateJob, type SimulatedJob} from './simulate-job.ts'
import {withRunFacts} from '../values/run-facts.ts'
import type {SimulatedWorkflow, WorkflowOptions} from './simulated-workflow.ts'
import {namedValues, sharedContexts, withEnv} from './workflow-contexts.ts'

/** Simulates a workflow, or a part of one, for an event: whether it runs, and each step of Tagboat. */
export async function simulateWorkflow(workflow: Workflow, given: WorkflowOptions): Promise<SimulatedWorkflow> {
  const {activity, event} = startingEvent(workflow.on, given)
  // A workflow that only others call has the events of its callers.
  const isCalled = given.isCalled === true || (workflow.on.size === 1 && workflow.on.has('workflow_call'))
  const options = {...given, event: withRunFacts(event, given.values ?? {}), isCalled}
  const triggered = isCalled ? calledBy(workflow) : startedBy(workflow.on, options.event)
  if (!triggered.runs) return {runs: false, reason: triggered.reason, steps: []}
  const shared = sharedContexts(workflow, options)
  const workflowEnv = evaluateMap(workflow.env, availableIn('env', shared))
  const contexts = withEnv(shared, workflowEnv)
  const ids = workflow.jobs.flatMap(({id, needs}) => [id, ...needs])
  const results = namedValues(options.values ?? {}, 'needs', ids)
  const done = new Map<string, SimulatedJob>()
  for (const job of inOrder(workflow.jobs)) {
    const {needs, status} = needsOf(job, workflow.jobs, done, results)
    const ofJob = {contexts: {...contexts, needs}, options}
    const own = workflow.kind === 'workflow' || workflow.kind === 'jobs' ? namedJob(job.id, ofJob) : ofJob
    done.set(job.id, await simulateJob({workflow, job, ...own, status, workflowEnv}))
  }
  const steps = workflow.jobs.flatMap(({id}) => done.get(id)?.steps ?? [])
  const ofJobs = workflow.jobs.map(({id}) => ({job: id, faults: done.get(id)?.faults ?? []}))
  const all = withFileFaults(steps, [{job: undefined, faults: workflowEnv.faults}, ...ofJobs])
  const assumed = {
    ...(isCalled && {isCalled}),
    ...(triggered.assumed && {assumed: triggered.assumed}),
    ...(activity && {activity}),
  }
  return withMaskedSecrets({runs: true, ...assumed, steps: all})
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

/** Whether an event starts a workflow. A schedule has to be one of its times. */
function startedBy(on: Workflow['on'], event: SimulatedEvent): ReturnType<typeof triggeredBy> {
  const cron = event.environment['GITHUB_EVENT_NAME'] === 'schedule' ? on.get('schedule')?.cron : undefined
  const time = textAt(event.payload, 'schedule')
  if (cron === undefined || cron.length === 0 || time === undefined || cron.includes(time))
    return triggeredBy(on, event)
  return {runs: false, reason: `\`schedule\` lists ${cron.join('; ')}, and this is ${time}`}
}

/** Whether a workflow runs if another one calls it. */
function calledBy({on}: Workflow): ReturnType<typeof triggeredBy> {
  if (on.size === 0 || on.has('workflow_call')) return {runs: true}
  return {runs: false, reason: `\`on\` does not list workflow_call, only ${[...on.keys()].join(', ')}`}
}

/** Event that starts a workflow, with its activity if that is another one than usual. */
interface StartingEvent {
  readonly event: SimulatedEvent
  readonly activity?: string
}

/**
 * Event itself, or another activity of it that `types` lists. GitHub sends `created`, `published` and `released` for one
 * new release. For any other event without a chosen activity, it is the first of the list; a closed pull request is another
 * event here.
 */
function startingEvent(on: Workflow['on'], {event, values = {}}: WorkflowOptions): StartingEvent {
  const name = event.environment['GITHUB_EVENT_NAME'] ?? ''
  if (name === 'schedule') return {event: withSchedule(on, event, values['github.event.schedule'])}
  const types = on.get(name)?.types
  const current = event.payload['action']
  if (types === undefined || types.some((type) => type === current)) return {event}
  const activity = name === 'release' ? ofRelease(event, types) : firstActivity(event, types)
  if (activity === undefined) return {event}
  const started = {...event, ...eventOf(event.environment, {...event.payload, action: activity})}
  return name === 'release' ? {event: started} : {event: started, activity}
}

/** Event with a time that the workflow lists: the one that is given, or else the first. */
function withSchedule(on: Workflow['on'], event: SimulatedEvent, given: string | undefined): SimulatedEvent {
  const schedule = given ?? on.get('schedule')?.cron[0]
  if (schedule === undefined || (given === undefined && event.isSimulated !== true)) return event
  return {...event, ...eventOf(event.environment, {...event.payload, schedule})}
}

function ofRelease({payload}: SimulatedEvent, types: readonly string[]): string | undefined {
  if (payload['action'] !== 'published') return undefined
  const isPrerelease = fieldAt(payload, 'release', 'prerelease') === true
  return ['created', isPrerelease ? 'prereleased' : 'released'].find((one) => types.includes(one))
}

function firstActivity({isAnyActivity}: SimulatedEvent, types: readonly string[]): string | undefined {
  return isAnyActivity === true ? types.find((type) => type !== 'closed') : undefined
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
