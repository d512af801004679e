import {boundedRegex} from '../src/io/bounded-regex.ts'
import {randomUUID} from 'node:crypto'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {Readable} from 'node:stream'
import {secretKeeper} from '../src/errors/known-secrets.ts'
import type {Io} from '../src/io/io.ts'
import {serveLoopback} from '../src/io/connections/loopback-server.ts'
import {files} from '../src/io/files.ts'
import type {Http, HttpRequest, HttpResponse} from '../src/io/http.ts'
import type {GitHub} from '../src/io/github.ts'
import {phases} from '../src/io/phases.ts'
import type {OnOutput, Processes} from '../src/io/process.ts'
import type {Command, CommandResult} from '../src/io/command.ts'
import {annotationsOnce} from '../src/io/annotations-once.ts'
import type {AnnotationPlace, IssuedWarning, Workflow} from '../src/io/workflow.ts'

/** Workflow that records everything. */
export interface RecordedWorkflow extends Workflow {
  /** Log in order: `info: text`, `warning: text`, and `printed: text` for the output of programs. */
  readonly log: readonly string[]
  readonly masks: readonly string[]
  readonly outputs: ReadonlyMap<string, string>
  readonly state: ReadonlyMap<string, string>
  readonly exported: ReadonlyMap<string, string>
  readonly summaries: readonly string[]
  /** Lines for GITHUB_ARTIFACTS. */
  readonly artifacts: readonly string[]
}

export function recordedWorkflow(): RecordedWorkflow {
  const {keep, hide} = secretKeeper()
  const log: string[] = []
  const masks: string[] = []
  const summaries: string[] = []
  const artifacts: string[] = []
  const outputs = new Map<string, string>()
  const state = new Map<string, string>()
  const exported = new Map<string, string>()
  const warnings: IssuedWarning[] = []
  const isNew = annotationsOnce()
  const record = (kind: string) => (text: string, place?: AnnotationPlace) => {
    log.push(`${kind}: ${place === undefined || place.file === '' ? '' : `${place.file}:${place.line}: `}${text}`)
  }
  return {
    log,
    masks,
    outputs,
    state,
    exported,
    summaries,
    artifacts,
    info: record('info'),
    notice: (text) => {
      if (isNew('notice', text)) record('notice')(text)
    },
    warning: (warning, place) => {
      const text = typeof warning === 'string' ? warning : warning.text
      if (!isNew('warning', text, place)) return
      record('warning')(text, place)
      warnings.push({text, place, ...(typeof warning !== 'string' && {about: warning})})
    },
    warnings: () => [...warnings],
    fail: record('fail'),
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
    declareArtifacts: async (lines) => {
      artifacts.push(...lines)
      return Promise.resolve()
    },
    print: (lines) => {
      for (const line of lines) log.push(`printed: ${line}`)
    },
    printGroup: (title, lines) => {
      if (lines.length > 0) log.push(`group: ${title}`, ...lines.map((line) => `printed: ${line}`))
    },
    inQuietGroup: async (title, body) => {
      log.push(`group: ${title}`)
      return body((chunk) => {
        log.push(`printed: ${chunk}`)
      })
    },
  }
}

/** Result of a scripted program. Default: code 0 and no output. */
export type Script = (
  command: Command,
  /** Writes output of the program. Default stream: stderr. */
  onOutput: (chunk: string, stream?: 'stdout' | 'stderr') => void,
) => Partial<CommandResult> | Promise<Partial<CommandResult>>

export interface ScriptedProcesses extends Processes {
  /** Started commands, in order. */
  readonly commands: readonly Command[]
  /** Maximum number of concurrent programs. */
  readonly maxConcurrent: () => number
}

/** Processes with scripted results. */
export function scriptedProcesses(script: Script): ScriptedProcesses {
  const commands: Command[] = []
  let running = 0
  let max = 0
  const run = async (command: Command, onOutput: OnOutput): Promise<CommandResult> => {
    commands.push(command)
    running += 1
    max = Math.max(max, running)
    const chunks: string[] = []
    const write = (chunk: string, stream: 'stdout' | 'stderr' = 'stderr'): void => {
      chunks.push(chunk)
      onOutput(chunk, stream)
    }
    try {
      const result = {exitCode: 0, stdout: '', stderr: '', ...(await script(command, write))}
      // The result is the output of a program that has written nothing while it ran.
      for (const stream of chunks.length > 0 ? [] : (['stdout', 'stderr'] as const)) onOutput(result[stream], stream)
      return result
    } finally {
      running -= 1
    }
  }
  return {
    commands,
    maxConcurrent: () => max,
    capture: async (command) => run(command, () => undefined),
    stream: async (command, onOutput) => run(command, onOutput),
  }
}

/** Returns a function whose promises are fulfilled once it was called `count` times: callers run at the same time. */
export function barrier(count: number): () => Promise<void> {
  const {promise, resolve} = Promise.withResolvers<undefined>()
  let waiting = 0
  return async () => {
    waiting += 1
    if (waiting === count) resolve(undefined)
    await promise
  }
}

/** Temporary directory, which is removed at the end of the test. */
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

/** Network with scripted answers. */
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

/** GitHub API with some scripted answers. Other requests fail. */
export function scriptedGitHub(answers: Partial<GitHub>): GitHub {
  const unexpected = async (): Promise<never> => Promise.reject(new Error('unexpected request'))
  return {repository: unexpected, tagsAt: unexpected, commitDate: unexpected, compare: unexpected, ...answers}
}

export interface FakeIo extends Io {
  readonly workflow: RecordedWorkflow
  readonly processes: ScriptedProcesses
}

/** Side effects of which only the files are real. A network or an API that a test does not replace fails. */
export function fakeIo(changes: Partial<FakeIo> = {}): FakeIo {
  return {
    workflow: recordedWorkflow(),
    environment: {},
    inputs: new Map(),
    files,
    processes: scriptedProcesses(() => ({})),
    lasting: async (command) => (changes.processes ?? scriptedProcesses(() => ({}))).capture(command),
    connect: async () => Promise.reject(new Error('this test has no builder to connect to')),
    dial: async () => Promise.reject(new Error('this test has no engine to connect to')),
    relay: async () => Promise.reject(new Error('this test has no engine to connect to')),
    serve: serveLoopback,
    marker: 'marker',
    unique: randomUUID,
    regex: boundedRegex(),
    now: () => new Date('2026-01-02T03:04:05Z'),
    every: () => () => undefined,
    phases: phases(() => 0),
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
