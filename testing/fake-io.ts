import {boundedRegex} from '../src/io/bounded-regex.ts'
import {randomUUID} from 'node:crypto'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {Readable} from 'node:stream'
import {secretKeeper} from '../src/errors/known-secrets.ts'
import type {Io} from '../src/io/io.ts'
import {files} from '../src/io/files.ts'
import type {Http, HttpRequest, HttpResponse} from '../src/io/http.ts'
import type {GitHub} from '../src/io/github.ts'
import type {OnOutput, Processes} from '../src/io/process.ts'
import type {Command, CommandResult} from '../src/io/command.ts'
import type {AnnotationPlace, IssuedWarning, Workflow} from '../src/io/workflow.ts'

/** A step of a workflow that writes down what it is told. */
export interface RecordedWorkflow extends Workflow {
  /** `info: text`, in order; what a build printed is `printed: text`. */
  readonly log: readonly string[]
  readonly masks: readonly string[]
  readonly outputs: ReadonlyMap<string, string>
  readonly state: ReadonlyMap<string, string>
  readonly exported: ReadonlyMap<string, string>
  readonly summaries: readonly string[]
}

export function recordedWorkflow(): RecordedWorkflow {
  const {keep, hide} = secretKeeper()
  const log: string[] = []
  const masks: string[] = []
  const summaries: string[] = []
  const outputs = new Map<string, string>()
  const state = new Map<string, string>()
  const exported = new Map<string, string>()
  const warnings: IssuedWarning[] = []
  const say = (kind: string) => (text: string, place?: AnnotationPlace) => {
    log.push(`${kind}: ${place === undefined || place.file === '' ? '' : `${place.file}:${place.line}: `}${text}`)
  }
  return {
    log,
    masks,
    outputs,
    state,
    exported,
    summaries,
    info: say('info'),
    notice: say('notice'),
    warning: (text, place) => {
      say('warning')(text, place)
      warnings.push({text, place})
    },
    warnings: () => [...warnings],
    fail: say('fail'),
    mask: (secret) => {
      masks.push(secret)
      keep(secret)
    },
    hide,
    setOutput: (name, value) => {
      outputs.set(name, value)
    },
    saveState: (name, value) => {
      state.set(name, value)
    },
    exportVariable: (name, value) => {
      exported.set(name, value)
    },
    writeSummary: async (markdown) => {
      summaries.push(markdown)
      return Promise.resolve()
    },
    print: (lines) => {
      for (const line of lines) log.push(`printed: ${line}`)
    },
    inQuietGroup: async (title, body) => {
      log.push(`group: ${title}`)
      return body((chunk) => {
        log.push(`printed: ${chunk}`)
      })
    },
  }
}

/** How a scripted program ends: code 0 and no output, unless it says otherwise. */
export type Script = (
  command: Command,
  /** The program's messages, unless another stream is named. */
  onOutput: (chunk: string, stream?: 'stdout' | 'stderr') => void,
) => Partial<CommandResult> | Promise<Partial<CommandResult>>

export interface ScriptedProcesses extends Processes {
  /** Every command that was started, in order. */
  readonly commands: readonly Command[]
  /** How many ran at the same time, at most. */
  readonly mostAtOnce: () => number
}

/** Programs that a test plays. */
export function scriptedProcesses(script: Script): ScriptedProcesses {
  const commands: Command[] = []
  let running = 0
  let most = 0
  const run = async (command: Command, onOutput: OnOutput): Promise<CommandResult> => {
    commands.push(command)
    running += 1
    most = Math.max(most, running)
    const pieces: string[] = []
    const told = (chunk: string, stream: 'stdout' | 'stderr' = 'stderr'): void => {
      pieces.push(chunk)
      onOutput(chunk, stream)
    }
    try {
      const result = {exitCode: 0, stdout: '', stderr: '', ...(await script(command, told))}
      // Whatever a program has printed came while it ran.
      for (const stream of pieces.length > 0 ? [] : (['stdout', 'stderr'] as const)) onOutput(result[stream], stream)
      return result
    } finally {
      running -= 1
    }
  }
  return {
    commands,
    mostAtOnce: () => most,
    capture: async (command) => run(command, () => undefined),
    stream: async (command, onOutput) => run(command, onOutput),
  }
}

/** A directory of this test's own, removed at its end. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string
}

export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tagboat-test-'))
  return {
    path: directory,
    [Symbol.asyncDispose]: async () => rm(directory, {recursive: true, force: true}),
  }
}

/** A network in which every answer is played. */
export function scriptedHttp(answer: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>): Http & {
  readonly requests: readonly HttpRequest[]
} {
  const requests: HttpRequest[] = []
  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    requests.push(request)
    return answer(request)
  }
  return {
    requests,
    send,
    open: async (request) => {
      const {status, headers, body} = await send(request)
      return {status, headers, body: Readable.from([body])}
    },
    [Symbol.dispose]: () => undefined,
  }
}

/** An API of which a test plays some answers; asking for another one is an error. */
export function scriptedGitHub(answers: Partial<GitHub>): GitHub {
  const notAsked = async (): Promise<never> => Promise.reject(new Error('not asked for'))
  return {repository: notAsked, tagsAt: notAsked, commitDate: notAsked, compare: notAsked, ...answers}
}

export interface FakeIo extends Io {
  readonly workflow: RecordedWorkflow
  readonly processes: ScriptedProcesses
}

/** Io of which the files alone are real; a network or an API that a test does not play is an error. */
export function fakeIo(changes: Partial<FakeIo> = {}): FakeIo {
  return {
    workflow: recordedWorkflow(),
    environment: {},
    inputs: new Map(),
    files,
    processes: scriptedProcesses(() => ({})),
    lasting: async (command) => (changes.processes ?? scriptedProcesses(() => ({}))).capture(command),
    marker: 'marker',
    unique: randomUUID,
    regex: boundedRegex(),
    now: () => new Date('2026-01-02T03:04:05Z'),
    timer: () => ({sleep: async () => Promise.resolve(), random: () => 0}),
    signal: new AbortController().signal,
    http: () => {
      throw new Error('this test has no network')
    },
    gitHub: () => {
      throw new Error('this test has no GitHub')
    },
    ...changes,
  }
}
