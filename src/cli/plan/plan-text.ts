import type {Problem} from '../../inputs/problem.ts'
import type {Simulated} from '../../simulation/simulated.ts'
import {stepName} from '../../simulation/workflow/step-name.ts'
import type {SimulatedStep} from '../../simulation/workflow/simulated-workflow.ts'
import {filesCondition} from '../../workflow-file/triggered-by.ts'
import type {NamedEvent} from './choose-events.ts'
import {optionFor} from './given-values.ts'
import {inputPlace, placeText, type PlannedFile} from './planned-file.ts'

/** Text for standard output and standard error. */
interface PlanText {
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
}

interface TextOptions {
  readonly labels: boolean
  readonly bold: (text: string) => string
}

/** Formats the plans of files for a reader. Errors are separate. */
export function planText(files: readonly PlannedFile[], options: TextOptions): PlanText {
  const parts = files.flatMap((file) => file.plans.map((plan) => ({file, ...plan})))
  return {
    stdout: parts.flatMap(({file, event, simulated}, index) => [
      ...(index === 0 ? [] : ['']),
      options.bold(heading(event, file, files.length > 1)),
      ...(simulated.runs ? [] : [`  does not run: ${simulated.reason ?? ''}${callHint(file.workflow)}`]),
      ...(simulated.isCalled === true ? ['  called by another workflow, which has this event'] : []),
      ...(simulated.activity === undefined ? [] : [`  as \`${simulated.activity}\`, the first of \`types\``]),
      ...(simulated.assumed === undefined ? [] : [`  ${filesCondition(simulated.assumed)}`]),
      ...(simulated.runs ? withoutSteps(file) : []),
      ...simulated.steps.flatMap((step) =>
        stepLines({...step, name: stepName(step, simulated.steps)}, simulated.steps.length > 1, options),
      ),
    ]),
    stderr: [
      ...new Set(parts.flatMap(({file, simulated}) => simulated.steps.flatMap((step) => errorLines(step, file)))),
    ],
  }
}

/** Hint for a workflow that others can call, if an event does not start it. */
function callHint({on}: PlannedFile['workflow']): string {
  return on.has('workflow_call') ? '. `--called` plans the event for a caller' : ''
}

/** Line for a file without steps of Tagboat. */
function withoutSteps({name, workflow, plans}: PlannedFile): readonly string[] {
  if (plans.some(({simulated}) => simulated.steps.length > 0)) return []
  const hasDocker = workflow.jobs.some(({steps}) => steps.some(({uses}) => dockerAction.test(uses?.text ?? '')))
  const migration = hasDocker ? `. \`tagboat migrate ${name}\` converts its Docker actions` : ''
  return [`  has no step of Tagboat${migration}`]
}

const dockerAction = /^docker\/(?:build-push|metadata|login|setup-buildx|setup-qemu)-action@/i

/** Heading of an event: `Tag v1.2.3: push of refs/tags/v1.2.3, commit 860c190`. */
function heading({title, event: {environment}}: NamedEvent, {name}: PlannedFile, namesFile: boolean): string {
  const {GITHUB_EVENT_NAME: event = '', GITHUB_REF: ref = '', GITHUB_SHA: sha = ''} = environment
  const occasion = `${event} of ${ref}, commit ${sha.slice(0, 7)}`
  const where = namesFile ? ` (${name})` : ''
  return title === event ? `${occasion}${where}` : `${title}: ${occasion}${where}`
}

function stepLines(step: SimulatedStep, namesStep: boolean, options: TextOptions): readonly string[] {
  const {job, name, leg, state, reason, unknown, result} = step
  const values = leg === undefined ? '' : ` (${Object.values(leg).map(legText).join(', ')})`
  const title = namesStep || leg !== undefined ? [`  ${job}${values} › ${name}`] : []
  const missing = unknown.map(({input, names}) => `  ${input} is not known: ${names.join(', ')}`)
  const remedy = state === 'unknown' ? optionsLine(unknown.flatMap(({names}) => names)) : []
  if (result === undefined) {
    const detail = state === 'skipped' ? `does not run: ${reason ?? ''}` : `${state}: ${reason ?? ''}`
    return [...title, `  ${detail}`, ...missing, ...remedy]
  }
  return [...title, ...planLines(result, step.action, options), ...missing]
}

/** Line with the options that give values. */
function optionsLine(names: readonly string[]): readonly string[] {
  const options = new Set(names.flatMap((name) => optionFor(name) ?? []))
  return options.size === 0 ? [] : [`  to plan with a value, add ${[...options].join(' ')}`]
}

function legText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function planLines(
  {explained, log, skipped, dryRun = false, notices, warnings, ruleWarnings = [], failure}: Simulated,
  action: SimulatedStep['action'],
  {labels}: TextOptions,
): readonly string[] {
  // The list of rules that gave no tag has their reasons.
  const others = warnings.filter((text) => !ruleWarnings.includes(text))
  const remarks = [...notices.map((text) => `  Notice: ${text}`), ...others.map((text) => `  Warning: ${text}`)]
  const failed = failure === undefined ? [] : [`  fails: ${failure.message} [${failure.code}]`]
  if (explained === undefined || log === undefined) return [...remarks, ...failed]
  const shown =
    labels && explained.labels.length > 0 ? ['  labels', ...explained.labels.map((line) => `    ${line}`)] : []
  const listed = explained.tags.length === 0 ? ['none'] : explained.tags
  const isRefused = failure !== undefined && log.tags.length === 0
  const sections = isRefused ? withoutPublish(explained.sections) : explained.sections
  return [
    ...(dryRun ? ['  dry run: publishes nothing. Without `dry-run`:'] : []),
    ...(skipped === undefined ? ['  tags', ...listed.map((line) => `    ${line}`)] : []),
    ...(action === 'stage' ? sections.map(stagedLine) : sections),
    ...shown,
    ...(log.tags.length === 0 ? [] : ['  registries', ...log.tags.map((line) => `    ${line}`)]),
    ...remarks,
    ...failed,
  ]
}

/** Sections without the decision to push, which a run that is refused does not reach. */
function withoutPublish(lines: readonly string[]): readonly string[] {
  return lines.filter((line, index) => line !== publishTitle && lines[index - 1] !== publishTitle)
}

const publishTitle = '  publish'

/** Line of a stage, which pushes images without tags. */
function stagedLine(line: string): string {
  return line === publishTitle ? '  stage (pushes by digest, without tags)' : line
}

/** Errors of a step, with the place of each in the file. */
function errorLines(step: SimulatedStep, file: PlannedFile): readonly string[] {
  const faults = step.faults.map(({key, place, message}) => `${placeText(file.name, place)}: ${key}: ${message}`)
  const failure = step.result?.failure
  if (failure === undefined) return faults
  const {code, message, evidence, remedy, problems} = failure
  const lines =
    problems.length > 0
      ? inOrder(problems, file, step).map(({at, one}) => `${at}: ${one.input}: ${one.message}. ${one.remedy}`)
      : [
          `${placeText(file.name, step.place)}: ${message} [${code}]`,
          ...evidence.map((line) => `  ${line}`),
          `  What to do: ${remedy}`,
        ]
  return [...faults, ...lines]
}

/** Problems in the order of their lines. */
function inOrder(
  problems: readonly Problem[],
  file: PlannedFile,
  step: SimulatedStep,
): readonly {readonly at: string; readonly one: Problem}[] {
  return problems
    .map((one) => ({at: inputPlace(file, step, one), one}))
    .sort((a, b) => a.at.localeCompare(b.at, 'en', {numeric: true}))
}
