import {simulate} from '../../src/simulation/simulate.ts'
import {simulatedEvent} from '../../src/simulation/events/simulated-event.ts'
import {sampleEvents} from '../../src/simulation/events/sample-events.ts'
import type {EventChoice, SimulatedEvent} from '../../src/simulation/events/event-choice.ts'
import {readWorkflow} from '../../src/workflow-file/read-workflow.ts'
import {triggeredBy} from '../../src/workflow-file/triggered-by.ts'
import type {Workflow, WorkflowStep} from '../../src/workflow-file/workflow.ts'
import type {EventAnswer, EventSettings, PlanAnswer, PlanRequest, StepAnswer} from './messages.ts'
import {workerRegex} from './regex.ts'
import {shownStep} from './shown-step.ts'

/** Plans a text for each event of a request. */
export async function answerPlan({text, events}: PlanRequest): Promise<PlanAnswer> {
  const read = readWorkflow(text)
  if ('problems' in read) {
    const findings = read.problems.map(({place, message, remedy}) => ({
      from: place.start,
      to: place.end,
      level: 'error' as const,
      message,
      remedy,
    }))
    return {kind: 'plan', findings, registryFindings: [], events: []}
  }
  const now = new Date()
  const answers: EventAnswer[] = []
  for (const event of events) answers.push(await answerEvent(read.workflow, event, now))
  return {kind: 'plan', findings: [], registryFindings: [], events: answers}
}

async function answerEvent(workflow: Workflow, settings: EventSettings, now: Date): Promise<EventAnswer> {
  const event = simulatedEvent(choiceOf(settings), now)
  const triggered = workflow.kind === 'workflow' ? triggeredBy(workflow.on, event) : {runs: true as const}
  if (!triggered.runs) return {id: settings.id, notTriggered: triggered.reason, steps: []}
  const steps: StepAnswer[] = []
  for (const job of workflow.jobs)
    for (const step of job.steps)
      if (step.uses === undefined || step.uses.text.includes('tagboat'))
        steps.push(await answerStep(workflow, step, event, now))
  return {id: settings.id, notTriggered: undefined, steps}
}

async function answerStep(
  workflow: Workflow,
  step: WorkflowStep,
  event: SimulatedEvent,
  now: Date,
): Promise<StepAnswer> {
  const inputs = new Map([...step.with].map(([name, {text}]) => [name, text]))
  const simulated = await simulate({action: 'publish', inputs, event, files: {}, now, regex: workerRegex})
  return shownStep(simulated, {text: workflow.text, inputs: step.with, title: step.job ?? '', leg: undefined})
}

/** Event with the values that were typed. */
function choiceOf({id, ref, repository, defaultBranch}: EventSettings): EventChoice {
  const choice = sampleEvents.find((sample) => sample.id === id)?.choice ?? {event: 'push'}
  return {
    ...choice,
    ...(ref !== '' && {ref: fullRef(ref, choice)}),
    ...(repository !== '' && {repository}),
    ...(defaultBranch !== '' && {defaultBranch}),
  }
}

/** Full ref of a name. A name that begins as a version is a Git tag, unless the event has a branch. */
function fullRef(name: string, {event}: EventChoice): string {
  if (name.startsWith('refs/')) return name
  if (event === 'release') return `refs/tags/${name}`
  return event !== 'pull_request' && /^v?\d/.test(name) ? `refs/tags/${name}` : `refs/heads/${name}`
}
