import {simulatedEvent} from '../../src/simulation/events/simulated-event.ts'
import {guessedRef} from '../../src/simulation/events/full-ref.ts'
import {namedEvent, sampleEvents, titleFor} from '../../src/simulation/events/sample-events.ts'
import type {EventChoice} from '../../src/simulation/events/event-choice.ts'
import {parseRegistryTags, type RegistryContents} from '../../src/simulation/registry/registry-contents.ts'
import {filesCondition} from '../../src/workflow-file/triggered-by.ts'
import {readWorkflow} from '../../src/workflow-file/read-workflow.ts'
import {stepName} from '../../src/simulation/workflow/step-name.ts'
import {simulateWorkflow} from '../../src/simulation/workflow/simulate-workflow.ts'
import type {Workflow} from '../../src/workflow-file/workflow.ts'
import type {GivenValues} from '../../src/simulation/values/given-values.ts'
import type {EventAnswer, EventSettings, Finding, PlanAnswer, PlanRequest} from './messages.ts'
import {rangeOfLine} from './places.ts'
import {pushedBy} from './pushed.ts'
import {workerRegex} from './regex.ts'
import {shownStep} from './shown-step.ts'
import {fittingValues, shownValues, type PlannedEvent} from './values.ts'

/** Facts that all events of a request share. */
interface Shared {
  readonly workflow: Workflow
  readonly registry: RegistryContents | undefined
  readonly given: GivenValues
  readonly now: Date
  readonly onStep: () => void
}

/** Plans a text for each event of a request. Before each step, it gives a sign of life. */
export async function answerPlan(
  {text, registry, values, events}: PlanRequest,
  onStep: () => void = () => undefined,
): Promise<PlanAnswer> {
  const held = readRegistry(registry)
  const read = readWorkflow(text)
  if ('problems' in read) {
    const findings = read.problems.map(({place, message, remedy}) => ({
      from: place.start,
      to: place.end,
      level: 'error' as const,
      message,
      remedy,
    }))
    const valueProblems = fittingValues(values, undefined).problems
    const unread = {triggers: undefined, values: undefined, valueProblems}
    return {kind: 'plan', findings, ...shownRegistry(held), ...unread, events: []}
  }
  const {workflow} = read
  const {given, problems} = fittingValues(values, workflow)
  const shared = {workflow, registry: held.contents, given, now: new Date(), onStep}
  const planned: Planned[] = []
  for (const event of events) planned.push(await planEvent(shared, event))
  return {
    kind: 'plan',
    findings: [],
    ...shownRegistry(held),
    triggers: [...workflow.on.keys()],
    values: shownValues(workflow, values, planned),
    valueProblems: problems,
    events: planned.map(({answer}) => answer),
  }
}

/** Contents of the registry as they were read. */
interface HeldRegistry {
  readonly contents: RegistryContents | undefined
  readonly findings: readonly Finding[]
}

function shownRegistry({contents, findings}: HeldRegistry): Pick<PlanAnswer, 'registryFindings' | 'registryTags'> {
  return {registryFindings: findings, registryTags: contents?.tags.length ?? 0}
}

/** Reads what the registry holds. Lines with a problem do not count, and neither does an empty text. */
function readRegistry(text: string): HeldRegistry {
  const read = parseRegistryTags(text)
  const contents = 'contents' in read ? read.contents : read.others
  const held = contents.tags.length === 0 ? undefined : contents
  if ('contents' in read) return {contents: held, findings: []}
  const findings = read.problems.map(({line, message, remedy}): Finding => ({
    ...rangeOfLine(text, line),
    level: 'error',
    message,
    remedy,
  }))
  return {contents: held, findings}
}

/** Event with its steps, and what the page shows of them. */
interface Planned extends PlannedEvent {
  readonly answer: EventAnswer
}

async function planEvent(shared: Shared, settings: EventSettings): Promise<Planned> {
  const {workflow, registry, given, now, onStep} = shared
  const choice = {...choiceOf(settings), inputs: given.inputs}
  const event = simulatedEvent(choice, now)
  const simulated = await simulateWorkflow(workflow, {
    ...given,
    event,
    isCalled: settings.id === 'workflow_call',
    registry,
    now,
    regex: workerRegex,
    onStep,
  })
  const {steps, isCalled = false} = simulated
  const shown = steps.map((step) => shownStep({...step, name: stepName(step, steps)}, workflow))
  const answer = {
    id: settings.id,
    title: titleOf(settings.id, settings.ref === '' ? undefined : choice.ref),
    notTriggered: simulated.runs ? undefined : (simulated.reason ?? ''),
    isCalled,
    assumed: simulated.assumed && `The workflow runs ${filesCondition(simulated.assumed)}.`,
    pushed: pushedBy(shown),
    steps: shown,
  }
  return {trigger: isCalled ? 'workflow_call' : choice.event, steps, answer}
}

/** Title of an event; of one that is not usual, the name that workflows use. */
function titleOf(id: string, ref: string | undefined): string {
  const sample = sampleEvents.find((event) => event.id === id)
  return sample === undefined ? id : titleFor(sample, ref)
}

/** Event with the values that were typed. */
function choiceOf({id, ref, repository, defaultBranch}: EventSettings): EventChoice {
  const choice = namedEvent(id)?.choice ?? {event: 'push'}
  return {
    ...choice,
    ...(ref !== '' && {ref: fullRef(ref, choice)}),
    ...(repository !== '' && {repository}),
    ...(defaultBranch !== '' && {defaultBranch}),
  }
}

/** Full ref of a name. Pull requests have a branch, and releases a Git tag. */
function fullRef(name: string, {event}: EventChoice): string {
  if (name.startsWith('refs/')) return name
  if (event === 'release') return `refs/tags/${name}`
  return event === 'pull_request' || event === 'pull_request_target' ? `refs/heads/${name}` : guessedRef(name)
}
