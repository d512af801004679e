import {randomUUID} from 'node:crypto'
import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {publish} from '../src/commands/publish.ts'
import type {Io} from '../src/io/io.ts'
import {httpClient} from '../src/io/http.ts'
import {processes} from '../src/io/process.ts'
import {TagboatError} from '../src/errors/error.ts'
import {loadEvent} from './events.ts'
import {fakeIo, recordedWorkflow, temporaryDirectory} from './fake-io.ts'
import type {Push} from './pushes.ts'

export interface SourceRun {
  readonly push: Push
  readonly inputs: Readonly<Record<string, string>>
  /** Additional variables of the step. */
  readonly env?: Readonly<Record<string, string>>
  /** Time of the stopped clock. Default: a fixed day. */
  readonly now?: Date
  readonly command?: (io: Io) => Promise<void>
  /** Default: waits take no time. */
  readonly timer?: Io['timer']
}

export interface SourceResult {
  readonly failure: TagboatError | undefined
  readonly outputs: ReadonlyMap<string, string>
  /** Lines and chunks of the log. */
  readonly log: readonly string[]
  readonly masks: readonly string[]
}

/** Runs a command from the sources with real engine, registries, Git and files. Runner and clock are replaced. */
export async function runSource({
  push,
  inputs,
  env = {},
  now,
  timer,
  command = publish,
}: SourceRun): Promise<SourceResult> {
  await using directory = await temporaryDirectory()
  const [temp, home] = ['temp', 'home'].map((name) => path.join(directory.path, name))
  if (temp === undefined || home === undefined) throw new Error('no directories')
  await Promise.all([mkdir(temp), mkdir(home)])
  const event = push.ref.startsWith('refs/tags/') ? 'push-tag' : 'push-default-branch'
  const {environment, payload} = loadEvent(event)
  const file = path.join(directory.path, 'event.json')
  const commit = push.date === undefined ? null : {id: push.sha, timestamp: push.date}
  await writeFile(file, JSON.stringify({...(payload as object), ref: push.ref, after: push.sha, head_commit: commit}))
  const workflow = recordedWorkflow()
  const {signal} = new AbortController()
  const variables = {
    ...inherited(),
    HOME: home,
    ...environment,
    RUNNER_TEMP: temp,
    GITHUB_WORKSPACE: home,
    GITHUB_EVENT_PATH: file,
    GITHUB_REF: push.ref,
    GITHUB_REF_NAME: push.ref.replace(/^refs\/(?:heads|tags)\//, ''),
    GITHUB_SHA: push.sha,
    GITHUB_RUN_ID: push.runId,
    ...env,
  }
  const io = fakeIo({
    workflow,
    environment: variables,
    inputs: new Map(Object.entries(inputs)),
    processes: {...fakeIo().processes, ...processes(signal)},
    http: (until) => httpClient(until, variables),
    // The marker is unique, because the processes of a cancelled run are searched on the whole machine.
    marker: randomUUID(),
    signal,
    ...(now === undefined ? {} : {now: () => now}),
    ...(timer && {timer}),
  })
  const failure = await command(io).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof TagboatError) return error
      throw error
    },
  )
  return {failure, outputs: workflow.outputs, log: workflow.log, masks: workflow.masks}
}

/** Variables for programs and engine. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'DOCKER_HOST', 'DOCKER_CONFIG', 'DOCKER_CONTEXT']
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}
