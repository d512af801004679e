import type {BoundedRegex} from '../io/bounded-regex.ts'
import type {Command, CommandResult} from '../io/command.ts'
import type {RawInputs} from '../io/environment.ts'
import type {GitHub} from '../io/github.ts'
import type {Io} from '../io/io.ts'
import {payloadPath, workspacePath} from './events/simulated-event.ts'
import type {SimulatedEvent} from './events/event-choice.ts'
import {commitAt, fieldAt, textAt} from '../context/payload.ts'
import {cannotSimulate} from './not-simulated.ts'
import {recordedWorkflow, type RecordedWorkflow} from './recorded-workflow.ts'
import {simulatedFiles} from './simulated-files.ts'
import {simulatedGit} from './simulated-git.ts'
import {commitTags, fileFact, tipFact} from './values/fact-names.ts'

/** Sources of a simulated run. */
export interface IoRequest {
  readonly inputs: RawInputs
  readonly event: SimulatedEvent
  /** Texts of the files of the checkout, by path relative to it. */
  readonly files: Readonly<Record<string, string>>
  /** Reads another file of the checkout, by its path relative to it. */
  readonly readFile?: ((path: string) => Promise<string | undefined>) | undefined
  /** Whether these are all files of the checkout, so that any other one does not exist. */
  readonly hasAllFiles?: boolean
  /** Variables of the step besides those of the event. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Whether the commit of the event is checked out. */
  readonly checkout?: boolean
  /** Commit that is checked out, if it is another one than that of the event. */
  readonly head?: string
  /** Names of the tags that point to the commit of the event. Undefined if they are not known. */
  readonly tagsOfCommit?: readonly string[] | undefined
  /** Answers to questions about commits, by the names of the facts. */
  readonly answers?: Readonly<Record<string, string>> | undefined
  readonly now: Date
  readonly regex: BoundedRegex
}

/** Side effects of a simulated run. */
export interface SimulatedIo extends Io {
  readonly workflow: RecordedWorkflow
  /** Names of the facts that the run asked for and that are not known. */
  readonly asked: ReadonlySet<string>
}

/** Side effects of a run in memory: no file, process or network of this machine is used. */
export function simulatedIo(request: IoRequest): SimulatedIo {
  const asked = new Set<string>()
  const {inputs, event, env = {}, now, regex} = request
  const environment = {...assumedVariables(inputs), ...env, ...event.environment}
  const git = simulatedGit({event, now, head: request.head, checkout: request.checkout ?? true, tags: tagsOf(request)})
  const run = async (command: Command): Promise<CommandResult> => {
    if (command.file !== 'git') throw cannotSimulate(`it starts ${command.file}`)
    return Promise.resolve(git(command.args))
  }
  return {
    workflow: recordedWorkflow(),
    asked,
    environment,
    inputs,
    files: simulatedFiles(allFiles(request), belowWorkspace(request.readFile), (file) => {
      const name = file.startsWith(`${workspacePath}/`) ? file.slice(workspacePath.length + 1) : file
      if (request.hasAllFiles !== true || name === file) asked.add(fileFact(name))
    }),
    processes: {capture: run, stream: run},
    lasting: run,
    connect: async () => noSide('it connects to a builder'),
    dial: async () => noSide('it connects to an engine'),
    relay: async () => noSide('it connects to an engine'),
    serve: async () => noSide('it starts a server'),
    marker: 'simulation',
    unique: () => 'simulation',
    now: () => now,
    every: () => () => undefined,
    phases: {measure: async (_, body) => body(), ended: [], elapsedMs: 0},
    signal: new AbortController().signal,
    regex,
    http: () => {
      throw cannotSimulate('it sends a request')
    },
    timer: () => ({sleep: async () => Promise.resolve(), random: () => 0}),
    gitHub: () => answers(request, asked),
  }
}

/** Variables that earlier steps of the job would have set: those of build secrets, and that of an SSH agent. */
function assumedVariables(inputs: RawInputs): Readonly<Record<string, string>> {
  const lines = (inputs.get('secret-envs') ?? '').split(/[\n,]/).map((line) => line.trim())
  const names = lines.flatMap((line) => line.split('=').slice(1, 2)).filter((name) => name !== '')
  const agent = inputs.has('ssh') ? {SSH_AUTH_SOCK: '/github/agent.sock'} : {}
  return {...agent, ...Object.fromEntries(names.map((name) => [name, 'simulated-variable'] as const))}
}

async function noSide(what: string): Promise<never> {
  return Promise.reject(cannotSimulate(what))
}

/** Files of the run: the payload, the checkout, and what Git stores about the commit. */
function allFiles({event, files, head, checkout = true}: IoRequest): ReadonlyMap<string, string> {
  const sha = head ?? event.environment['GITHUB_SHA'] ?? ''
  const repository = event.environment['GITHUB_REPOSITORY'] ?? ''
  const origin = `[remote "origin"]\n\turl = https://github.com/${repository}\n`
  const ofGit: readonly (readonly [string, string])[] = checkout
    ? [
        [`${workspacePath}/.git/HEAD`, `${sha}\n`],
        [`${workspacePath}/.git/config`, origin],
      ]
    : []
  const own = Object.entries(files).map(([name, text]) => [absolute(name), text] as const)
  return new Map([...ofGit, ...own, [payloadPath, JSON.stringify(event.payload)]])
}

/** Reader of files below the workspace by their absolute path. */
function belowWorkspace(read: IoRequest['readFile']): (file: string) => Promise<string | undefined> {
  return async (file) => {
    const relative = file.startsWith(`${workspacePath}/`) ? file.slice(workspacePath.length + 1) : ''
    return relative === '' || relative.startsWith('.git/') ? undefined : read?.(relative)
  }
}

function absolute(name: string): string {
  return name.startsWith('/') ? name : `${workspacePath}/${name.replace(/^(?:\.\/)+/, '')}`
}

/** Tags of the commit: those of the request, and the tag of the event. */
function tagsOf({event, tagsOfCommit = []}: IoRequest): readonly string[] {
  const ref = event.environment['GITHUB_REF'] ?? ''
  const own = ref.startsWith('refs/tags/') ? [ref.slice('refs/tags/'.length)] : []
  return [...new Set([...own, ...tagsOfCommit])]
}

/** API of GitHub that knows the facts of the event. */
function answers(request: IoRequest, asked: Set<string>): GitHub {
  const {event, now} = request
  return {
    repository: async () => Promise.resolve(fieldAt(event.payload, 'repository') ?? {}),
    tagsAt: async () => {
      if (request.tagsOfCommit === undefined) asked.add(commitTags)
      return Promise.resolve(tagsOf(request))
    },
    commitDate: async () => Promise.resolve(dateOf(event) ?? now.toISOString()),
    compare: async (_owner, _name, {base, head}) => {
      const fact = tipFact(base, head)
      const answer = request.answers?.[fact]
      if (answer === undefined) asked.add(fact)
      return Promise.resolve(answer === undefined ? 'unknown' : answer === 'true' ? 'identical' : 'diverged')
    },
  }
}

/** Date of the commit of the payload. */
function dateOf({payload}: SimulatedEvent): string | undefined {
  return commitAt(payload, 'head_commit', 'id') === undefined ? undefined : textAt(payload, 'head_commit', 'timestamp')
}
