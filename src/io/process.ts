import type {ChildProcess} from 'node:child_process'
import {pipeline} from 'node:stream/promises'
import {StringDecoder} from 'node:string_decoder'
import {capture, CapturedText} from './child-processes/capture.ts'
import {errorCode} from '../errors/node-error.ts'
import {exitCodeOf, missingProgram, startChild, type Child} from './child-processes/child.ts'
import {orStandalone, withoutDockerCli, type Command, type CommandResult} from './command.ts'

export type OnOutput = (chunk: string, stream: 'stdout' | 'stderr') => void

/**
 * Runs programs until the signal of the run is aborted. An exit code other than 0 is a result, not an error: its
 * meaning depends on the program.
 */
export interface Processes {
  /**
   * Runs a short command and returns its whole output. On cancellation it is killed.
   * @throws TagboatError `docker-missing`; `command-failed` when the output exceeds the limit.
   */
  capture(command: Command): Promise<CommandResult>
  /**
   * Runs a long command and passes on its output as it arrives; the result has only the end of it. On cancellation the
   * command and its descendants receive SIGINT, and SIGKILL after a grace period.
   * @throws TagboatError `docker-missing`; errors of the command's `source`.
   */
  stream(command: Command, onOutput: OnOutput): Promise<CommandResult>
}

export interface ProcessOptions {
  readonly platform?: NodeJS.Platform
  /** Time between SIGINT and SIGKILL for a cancelled long command. */
  readonly graceMs?: number
  /** Time to read remaining output after a short command exits: a background process can keep the pipe open. */
  readonly captureDrainMs?: number
  /** Time to read remaining output after a long command with `endsAll` exits. */
  readonly streamDrainMs?: number
}

/** Processes that run Buildx without the Docker CLI: its plugin, or its own program where the CLI is missing. */
export function withBuildx(inner: Processes): Processes {
  return {
    capture: async (command) => orStandalone(await withoutDockerCli(command), async (one) => inner.capture(one)),
    stream: async (command, onOutput) =>
      orStandalone(await withoutDockerCli(command), async (one) => inner.stream(one, onOutput)),
  }
}

/** Characters kept of each output stream, for error messages. */
const keptCharacters = 64 * 1024

/**
 * Creates the runner of programs. Each program leads a process group, so that a signal reaches its descendants. On
 * Windows a program can be a script (`docker.cmd`), which only a shell can start: there, short commands without input
 * run through
 * @actions/exec, which finds and quotes them, but cannot stop a child (https://github.com/actions/toolkit/issues/1656).
 */
export function processes(
  signal: AbortSignal,
  {platform = process.platform, graceMs = 2_000, captureDrainMs = 500, streamDrainMs = 200}: ProcessOptions = {},
): Processes {
  return {
    capture: async (command) =>
      platform === 'win32' && command.input === undefined
        ? runByToolkit(command, signal)
        : capture(command, signal, captureDrainMs),
    stream: async (command, onOutput) => {
      const {until} = command
      const ending = until === undefined ? signal : AbortSignal.any([signal, until])
      return stream(command, onOutput, {signal: ending, graceMs, drainMs: streamDrainMs})
    },
  }
}

/**
 * Runs a short command without input through the toolkit, on Windows. With input, a child that does not read it crashes
 * the step.
 */
async function runByToolkit({file, args, env}: Command, signal: AbortSignal): Promise<CommandResult> {
  signal.throwIfAborted()
  const spawned = Promise.withResolvers<undefined>()
  const printed = {stdout: new CapturedText(file), stderr: new CapturedText(file)}
  const decoders = {stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8')}
  const listen = (name: 'stdout' | 'stderr') => (chunk: Buffer) => {
    printed[name].add(decoders[name].write(chunk))
  }
  const listeners = {
    stdout: listen('stdout'),
    stderr: listen('stderr'),
    // The first debug line is written directly before the child is spawned.
    debug: () => {
      spawned.resolve(undefined)
    },
  }
  // Loaded on Windows only.
  const {exec} = await import('@actions/exec')
  const run = exec(file, [...args], {env: {...env}, silent: true, ignoreReturnCode: true, listeners})
  // Cleanup after cancellation must see the child, so it waits until the child exists.
  const seen = async (): Promise<unknown> => Promise.race([spawned.promise, run])
  try {
    const exitCode = await Promise.race([run, cancelled(signal, seen)])
    return {exitCode, stdout: printed.stdout.text(), stderr: printed.stderr.text()}
  } catch (error) {
    throw isNotFound(error) ? missingProgram(file, error) : error
  }
}

async function cancelled(signal: AbortSignal, seen: () => Promise<unknown>): Promise<never> {
  const aborted = Promise.withResolvers<undefined>()
  signal.addEventListener(
    'abort',
    () => {
      aborted.resolve(undefined)
    },
    {once: true},
  )
  await aborted.promise
  await seen()
  throw signal.reason
}

/** Reports whether @actions/exec did not find the program. It throws an error without a code. */
function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Unable to locate executable file')
}

interface Ending {
  readonly signal: AbortSignal
  readonly graceMs: number
  readonly drainMs: number
}

async function stream(
  command: Command,
  onOutput: OnOutput,
  {signal, graceMs, drainMs}: Ending,
): Promise<CommandResult> {
  signal.throwIfAborted()
  const unended = Promise.withResolvers<never>()
  const child = startChild(command, command.source !== undefined, unended.reject)
  const fed = feed(child.process, command.source)
  const end = (): void => {
    endGroup(child, graceMs)
  }
  signal.addEventListener('abort', end, {once: true})
  if (command.endsAll === true) endWhenLeft(child, drainMs)
  try {
    const result = await Promise.race([collect(child.process, command.file, onOutput), unended.promise])
    signal.throwIfAborted()
    const failure = await fed
    if (failure !== undefined) throw failure
    return result
  } finally {
    signal.removeEventListener('abort', end)
  }
}

/**
 * Pipes the source into standard input. An error of the source is returned, not thrown, since the child must still be
 * waited for. A child that stops reading reports the reason itself.
 */
async function feed({stdin}: ChildProcess, source: Command['source']): Promise<Error | undefined> {
  if (source === undefined || stdin === null) return undefined
  let failure: Error | undefined
  const watched = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* source
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error))
      throw error
    }
  }
  await pipeline(watched, stdin).catch(() => undefined)
  return failure
}

function endWhenLeft({process: child, send}: Child, drainMs: number): void {
  child.once('exit', () => {
    const timer = setTimeout(() => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    }, drainMs)
    child.once('close', () => {
      clearTimeout(timer)
      send('SIGKILL')
    })
  })
}

async function collect(child: ChildProcess, file: string, onOutput: OnOutput): Promise<CommandResult> {
  const kept = {stdout: '', stderr: ''}
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      kept[name] = (kept[name] + chunk).slice(-keptCharacters)
      onOutput(chunk, name)
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(errorCode(error) === 'ENOENT' ? missingProgram(file, error) : error)
    })
    child.once('close', (code) => {
      resolve({exitCode: exitCodeOf(code), ...kept})
    })
  })
}

function endGroup({process: child, send}: Child, graceMs: number): void {
  send('SIGINT')
  const timer = setTimeout(() => {
    send('SIGKILL')
  }, graceMs)
  child.once('close', () => {
    clearTimeout(timer)
  })
}
