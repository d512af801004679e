import type {BoundedRegex} from '../io/bounded-regex.ts'
import {sampleEvents} from '../simulation/events/sample-events.ts'
import {simulatedEvent} from '../simulation/events/simulated-event.ts'
import type {SimulatedStep} from '../simulation/workflow/simulated-workflow.ts'
import {notSimulated} from '../simulation/not-simulated.ts'
import {stepName} from '../simulation/workflow/step-name.ts'
import {simulateWorkflow} from '../simulation/workflow/simulate-workflow.ts'
import {readWorkflow} from '../workflow-file/read-workflow.ts'

/** Tags of an image for an event. */
export interface TagRow {
  readonly job: string
  /** Name of the step, and the values of the matrix. */
  readonly step: string
  /** Title of the event. */
  readonly event: string
  readonly push: boolean
  readonly tags: readonly string[]
  /** Tags of docker/metadata-action, if they are different. */
  readonly before?: readonly string[]
  /** Names of values that decide about the tags and that only a run knows. */
  readonly unknown?: readonly string[]
  /** Reason why the tags are not known, if no value decides about them. */
  readonly reason?: string
  /** Reason why the step fails for the event, or is not valid. */
  readonly problem?: string
}

/** Clock and matcher of the simulation. */
interface SimulationTools {
  readonly now: Date
  readonly regex: BoundedRegex
}

const eventIds: readonly string[] = ['default-branch', 'version', 'pre-release', 'pull-request']

/** Lists the tags that a converted workflow gives for the usual events, beside those of docker/metadata-action. */
export async function tagRows(text: string, tools: SimulationTools): Promise<readonly TagRow[]> {
  const rows: TagRow[] = []
  for (const {id, title, choice} of sampleEvents.filter((sample) => eventIds.includes(sample.id))) {
    const event = simulatedEvent(choice, tools.now)
    const after = await stepsOf(text, {event, ...tools})
    const before = id === 'pre-release' ? await stepsOf(withoutLiterals(text), {event, ...tools}) : after
    rows.push(
      ...after.flatMap((step, index) => rowOf({...step, name: stepName(step, after)}, before[index] ?? step, title)),
    )
  }
  return rows
}

async function stepsOf(
  text: string,
  options: Parameters<typeof simulateWorkflow>[1],
): Promise<readonly SimulatedStep[]> {
  const read = readWorkflow(text)
  if (!('workflow' in read)) return []
  const {workflow} = read
  const {steps} = await simulateWorkflow(workflow, options)
  // A dry run only hands the metadata to other steps, and a stage has no tags.
  return steps.filter(({action, job, index}) => {
    const written = workflow.jobs.find(({id}) => id === job)?.steps[index ?? -1]
    return action !== 'stage' && written?.with.get('dry-run')?.text !== 'true'
  })
}

/** Rules as docker/metadata-action applies them to a pre-release: the whole version in place of a pattern. */
function withoutLiterals(text: string): string {
  return text.replaceAll(
    /(\btype=(?:semver|pep440)\b.*?\bpattern=)([^,\n"]*)/g,
    (whole, rule: string, pattern: string) => (pattern.includes('{{raw}}') ? whole : `${rule}{{version}}`),
  )
}

function rowOf(step: SimulatedStep, before: SimulatedStep, event: string): readonly TagRow[] {
  const {plan} = step.result ?? {}
  const problem = problemOf(step)
  const open = openPart(step)
  // A step that does not run for the event has no tags there.
  if (plan === undefined && problem === undefined && open === undefined) return []
  const tags = referencesOf(step)
  const old = referencesOf(before)
  const leg = Object.values(step.leg ?? {}).map(String)
  return [
    {
      job: step.job,
      step: leg.length === 0 ? step.name : `${step.name} (${leg.join(', ')})`,
      event,
      push: plan?.['push'] === true && step.result?.dryRun !== true,
      tags,
      ...(old.join('\n') !== tags.join('\n') && {before: old}),
      ...open,
      ...(problem !== undefined && {problem}),
    },
  ]
}

/** Part of a row whose tags are not known: the values that decide about them, or else the reason. */
function openPart({
  state,
  reason = '',
  unknown,
  result,
}: SimulatedStep): Pick<TagRow, 'unknown' | 'reason'> | undefined {
  const {failure} = result ?? {}
  if (failure?.code === notSimulated) return {unknown: [], reason: failure.message}
  if (state !== 'unknown') return undefined
  const names = [...new Set(unknown.flatMap((one) => one.names))]
  return {unknown: names, ...(names.length === 0 && {reason})}
}

/** Reason why a step fails, or is not valid; undefined for any other. A run of one that cannot be simulated need not fail. */
function problemOf({state, faults, reason = '', result}: SimulatedStep): string | undefined {
  if (state === 'invalid')
    return faults.length === 0 ? reason : faults.map(({key, message}) => `${key}: ${message}`).join('; ')
  const {failure} = result ?? {}
  if (failure === undefined || failure.code === notSimulated) return undefined
  const {code, message, problems} = failure
  const causes = problems.map((one) => `${one.input}: ${one.message}`)
  return `${causes.length === 0 ? message : causes.join('; ')} [${code}]`
}

function referencesOf({result}: SimulatedStep): readonly string[] {
  return (result?.plan?.tags ?? []).flatMap((tag) =>
    'reference' in tag && typeof tag.reference === 'string' ? [tag.reference] : [],
  )
}

/** Formats the tags of a file: an event per line, with the tags below it that they replace. */
export function tagLines(rows: readonly TagRow[]): readonly string[] {
  const width = Math.max(0, ...rows.map(({event}) => event.length))
  return [...Map.groupBy(rows, ({job, step}) => `${job}: ${step}`)].flatMap(([image, ones]) => [
    `  ${image}`,
    ...ones.flatMap((row) => [
      `    ${row.event.padEnd(width)}  ${outcomeText(row)}`,
      ...(row.before === undefined ? [] : [`    ${'before:'.padStart(width)}  ${row.before.join(' ')}`]),
    ]),
  ])
}

function outcomeText({push, tags, unknown, reason, problem}: TagRow): string {
  if (problem !== undefined) return `fails: ${problem}`
  if (unknown !== undefined) return `not known: ${reason ?? unknown.join(', ')}`
  return `${push ? '' : 'no push, '}${tags.length === 0 ? 'no tag' : tags.join(' ')}`
}
