import path from 'node:path'
import type {ParseArgsOptionsConfig} from 'node:util'
import type {Io} from '../../io/io.ts'
import {realIo} from '../../io/real-io.ts'
import type {Terminal} from '../../io/terminal.ts'
import {parseRegistryTags, type RegistryContents} from '../../simulation/registry/registry-contents.ts'
import type {GivenValues} from '../../simulation/values/given-values.ts'
import {simulateWorkflow} from '../../simulation/workflow/simulate-workflow.ts'
import type {SimulatedWorkflow} from '../../simulation/workflow/simulated-workflow.ts'
import {readWorkflow} from '../../workflow-file/read-workflow.ts'
import {isRecord} from '../../workflow-file/record.ts'
import type {FileProblem} from '../../workflow-file/workflow.ts'
import {parseCommandLine, textOf, textsOf, UsageError, type CommandLine} from '../command-line.ts'
import type {CommandResult} from '../command-result.ts'
import {help} from '../help.ts'
import {readNamedFile} from '../workflow-files.ts'
import {checkEventOptions, withStep} from './check-options.ts'
import {checkoutFacts, wholeCommit, type CheckoutFacts, type CheckoutPlace} from './checkout-facts.ts'
import {chooseEvents, type NamedEvent} from './choose-events.ts'
import {commandValues} from './given-values.ts'
import {planCommandJson} from './plan-json.ts'
import {planText} from './plan-text.ts'
import {placeText, type PlannedFile} from './planned-file.ts'

const flag = {type: 'boolean'} as const
const text = {type: 'string'} as const
const list = {type: 'string', multiple: true} as const

const options: ParseArgsOptionsConfig = {
  ...{
    event: list,
    'all-events': flag,
    called: flag,
    ref: text,
    sha: text,
    payload: text,
    'default-branch': text,
    repository: text,
  },
  ...{
    var: list,
    input: list,
    env: list,
    value: list,
    'registry-tags': text,
    registry: flag,
    step: text,
    labels: flag,
    json: flag,
  },
  help: flag,
}

/** Runs `tagboat plan`. @throws UsageError */
export async function planCommand(args: readonly string[], terminal: Terminal): Promise<CommandResult> {
  const line = parseCommandLine(args, options)
  if (line.values['help'] === true) return {stdout: help('plan'), stderr: '', exitCode: 0}
  const io = realIo(new AbortController().signal)
  const place = {...io, directory: terminal.directory}
  const facts = await checkoutFacts(place, textOf(line, 'ref'))
  const values = commandValues(line)
  const {given} = values
  const settings = await eventOptions(line, {given, terminal, place})
  checkEventOptions(settings)
  const events = chooseEvents(settings, facts, io.now())
  const registry = await registryContents(line, terminal)
  const files = await filesOf(line, terminal, io)
  const read = files.map(({name, text: content}) => ({name, ...readWorkflow(content)}))
  const problems = read.flatMap((file) => ('problems' in file ? problemLines(file.name, file.problems) : []))
  const workflows = read.flatMap((file) => ('workflow' in file ? [file] : []))
  // A file that is not valid may have the inputs, steps and jobs that the options name.
  const isWhole = problems.length === 0
  if (isWhole) values.check(workflows.map(({workflow}) => workflow))
  const planned: PlannedFile[] = []
  for (const {name, workflow} of workflows) {
    const plans = []
    for (const event of events) {
      const request = {event, registry, facts, given, line, terminal, io}
      plans.push({event, simulated: await planFor(workflow, request)})
    }
    planned.push({name, workflow, plans})
  }
  const notes = usesRef(line) ? facts.notes.map((note) => `Note: ${note}.\n`) : []
  const wanted = textOf(line, 'step')
  const result = resultOf(wanted === undefined ? planned : withStep(planned, wanted, isWhole), line, terminal)
  return {
    stdout: workflows.length === 0 ? '' : result.stdout,
    stderr: `${problems.join('')}${notes.join('')}${result.stderr}`,
    exitCode: isWhole ? result.exitCode : 2,
  }
}

function problemLines(name: string, problems: readonly FileProblem[]): readonly string[] {
  return problems.map(({place, message, remedy}) => `${placeText(name, place)}: ${message}. ${remedy}\n`)
}

/** Reports whether the ref of the checkout, or of `--ref`, decides about the events. */
function usesRef(line: CommandLine): boolean {
  if (textOf(line, 'ref') !== undefined) return true
  const names = textsOf(line, 'event')
  const isOfRef = names.length === 0 || names.some((name) => name === 'push' || name === 'workflow_dispatch')
  return isOfRef && line.values['all-events'] !== true && textOf(line, 'payload') === undefined
}

interface PlanRequest {
  readonly event: NamedEvent
  readonly registry: RegistryContents | undefined
  readonly facts: CheckoutFacts
  readonly given: GivenValues
  readonly line: CommandLine
  readonly terminal: Terminal
  readonly io: Io
}

async function planFor(workflow: PlannedFile['workflow'], request: PlanRequest): Promise<SimulatedWorkflow> {
  const {event, registry, facts, given, line, terminal, io} = request
  const root = facts.root ?? terminal.directory
  return simulateWorkflow(workflow, {
    event: event.event,
    isCalled: event.isCalled,
    readFile: async (file) => io.files.readBelow(root, path.resolve(root, file)),
    hasAllFiles: facts.root !== undefined,
    registry,
    readRegistries: line.values['registry'] === true ? await reader(event, io) : undefined,
    tagsOfCommit: facts.root === undefined ? undefined : facts.tags,
    ...given,
    now: io.now(),
    regex: io.regex,
  })
}

async function reader({event}: NamedEvent, io: Io): Promise<Parameters<typeof simulateWorkflow>[1]['readRegistries']> {
  const {registryReader} = await import('./read-registries.ts')
  return registryReader(io, event.environment)
}

interface OptionSources {
  readonly given: GivenValues
  readonly terminal: Terminal
  readonly place: CheckoutPlace
}

async function eventOptions(
  line: CommandLine,
  {given, terminal, place}: OptionSources,
): Promise<Parameters<typeof chooseEvents>[0]> {
  const file = textOf(line, 'payload')
  return {
    names: textsOf(line, 'event'),
    all: line.values['all-events'] === true,
    called: line.values['called'] === true,
    ref: textOf(line, 'ref'),
    sha: await wholeSha(textOf(line, 'sha'), place),
    repository: textOf(line, 'repository'),
    defaultBranch: textOf(line, 'default-branch'),
    payload: file === undefined ? undefined : parsePayload(await readNamed(file, terminal), file),
    inputs: given.inputs,
  }
}

/** Commit of `--sha`, whose first digits are enough for one of the checkout. @throws UsageError */
async function wholeSha(sha: string | undefined, place: CheckoutPlace): Promise<string | undefined> {
  if (sha === undefined || !/^[0-9a-f]{4,39}$/i.test(sha)) return sha
  const whole = await wholeCommit(place, sha)
  if (whole !== undefined) return whole
  throw new UsageError(`--sha ${sha}: no checkout here has such a commit alone. Write all of its 40 digits`)
}

function parsePayload(content: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(content)
    if (isRecord(value)) return value
  } catch {
    // The next line reports it.
  }
  throw new UsageError(`${file} is not a JSON object, as the payload of an event is`)
}

async function registryContents(line: CommandLine, terminal: Terminal): Promise<RegistryContents | undefined> {
  const file = textOf(line, 'registry-tags')
  if (file === undefined) return undefined
  if (line.values['registry'] === true) throw new UsageError('--registry and --registry-tags exclude each other')
  const parsed = parseRegistryTags(await readNamed(file, terminal))
  if ('contents' in parsed) return parsed.contents
  const problems = parsed.problems.map((one) => `${file}:${one.line}: ${one.message}. ${one.remedy}`)
  throw new UsageError(problems.join('\n'))
}

async function filesOf(
  {positionals}: CommandLine,
  terminal: Terminal,
  io: Io,
): Promise<readonly {readonly name: string; readonly text: string}[]> {
  if (positionals.length > 0) {
    return Promise.all(
      positionals.map(async (name) => ({
        name,
        text: name === '-' ? await terminal.readInput() : await readNamed(name, terminal),
      })),
    )
  }
  const folder = path.join('.github', 'workflows')
  const names = (await io.files.list(path.resolve(terminal.directory, folder))).filter((name) => /\.ya?ml$/.test(name))
  const files = await Promise.all(
    [...names].sort().map(async (name) => {
      const file = path.join(folder, name)
      return {name: file, text: await readNamed(file, terminal)}
    }),
  )
  const used = files.filter((file) => /\buses:.*tagboat/.test(file.text))
  if (used.length === 0) throw new UsageError(`name a file: no workflow in ${folder} uses Tagboat`)
  return used
}

async function readNamed(name: string, {directory}: Terminal): Promise<string> {
  const read = await readNamedFile(directory, name)
  if ('message' in read) throw new UsageError(`${name} ${read.message}`)
  return read.text
}

function resultOf(planned: readonly PlannedFile[], line: CommandLine, {hasColours}: Terminal): CommandResult {
  const steps = planned.flatMap(({plans}) => plans.flatMap(({simulated}) => simulated.steps))
  const fails = steps.some(({state, result}) => state === 'invalid' || result?.failure !== undefined)
  const exitCode = fails ? 1 : 0
  if (line.values['json'] === true) {
    return {stdout: `${JSON.stringify(planCommandJson(planned), null, 2)}\n`, stderr: '', exitCode}
  }
  const bold = (title: string): string => (hasColours ? `\u001B[1m${title}\u001B[22m` : title)
  const printed = planText(planned, {labels: line.values['labels'] === true, bold})
  const joined = (lines: readonly string[]): string => lines.map((one) => `${one}\n`).join('')
  return {stdout: joined(printed.stdout), stderr: joined(printed.stderr), exitCode}
}
