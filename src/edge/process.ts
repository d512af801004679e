import {spawn, type ChildProcess} from 'node:child_process'
import {pipeline} from 'node:stream/promises'
import {getExecOutput} from '@actions/exec'
import {TagboatError} from '../errors/error.ts'

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Written to standard input, which is closed after it. */
  readonly input?: string
  /** The same for a long command, whose input is made while it is read. */
  readonly source?: AsyncIterable<Uint8Array>
  /** Ends a long command alone, as a cancellation does; its reason is thrown. */
  readonly until?: AbortSignal
  /** Of a long command: when it ends, what it started in the background ends too. */
  readonly endsAll?: true
}

export interface CommandResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export type OnOutput = (chunk: string, stream: 'stdout' | 'stderr') => void

/**
 * Runs programs, until `signal` is aborted with the error to end with. A program that ends with a code other than 0 is no exception here: the caller knows what it
 * means.
 */
export interface Processes {
  /** A short command, whose whole output is wanted. @throws TagboatError `docker-missing` or `cancelled`. */
  capture(command: Command): Promise<CommandResult>
  /**
   * A long command, whose output is wanted while it runs; `stderr` of the result holds its end. On cancellation the
   * command and all that it started get SIGINT, and SIGKILL after a grace period.
   * @throws also what the command's `source` throws.
   */
  stream(command: Command, onOutput: OnOutput): Promise<CommandResult>
}

const graceMs = 2_000
/** What an error message may need of a long output. */
const keptCharacters = 64 * 1024

/**
 * Short commands run through @actions/exec, which knows how every runner finds and quotes a program. It cannot stop a
 * child (https://github.com/actions/toolkit/issues/1656), so a long one is spawned here, as leader of a process group.
 */
export function processes(signal: AbortSignal): Processes {
  return {
    capture: async (command) => capture(command, signal),
    stream: async (command, onOutput) => {
      const {until} = command
      return stream(command, onOutput, until === undefined ? signal : AbortSignal.any([signal, until]))
    },
  }
}

async function capture({file, args, env, input}: Command, signal: AbortSignal): Promise<CommandResult> {
  signal.throwIfAborted()
  const spawned = Promise.withResolvers<undefined>()
  // Its first line for debugging stands directly before the child is spawned.
  const listeners = {
    debug: () => {
      spawned.resolve(undefined)
    },
  }
  const options = {env: {...env}, silent: true, ignoreReturnCode: true, listeners}
  const run = getExecOutput(file, [...args], input === undefined ? options : {...options, input: Buffer.from(input)})
  // Whoever ends what a cancelled run leaves behind has to see the child: until it is there, nothing is over.
  const seen = async (): Promise<unknown> => Promise.race([spawned.promise, run])
  try {
    return await Promise.race([run, cancelled(signal, seen)])
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
  throw new TagboatError('cancelled')
}

/** @actions/exec has no code for it: its text is the only sign. */
function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Unable to locate executable file')
}

function missingProgram(file: string, cause: unknown): TagboatError {
  return new TagboatError('docker-missing', {evidence: [`${file}: not found`], cause})
}

async function stream(command: Command, onOutput: OnOutput, signal: AbortSignal): Promise<CommandResult> {
  signal.throwIfAborted()
  const leadsGroup = process.platform !== 'win32'
  const child = spawn(command.file, command.args, {
    env: {...command.env},
    detached: leadsGroup,
    stdio: [command.source === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    windowsHide: true,
  })
  const fed = feed(child, command.source)
  const unended = Promise.withResolvers<never>()
  const end = (): void => {
    endGroup(child, leadsGroup, unended.reject)
  }
  signal.addEventListener('abort', end, {once: true})
  if (command.endsAll === true) endWhenLeft(child, leadsGroup, unended.reject)
  try {
    const result = await Promise.race([collect(child, command.file, onOutput), unended.promise])
    signal.throwIfAborted()
    const failure = await fed
    if (failure !== undefined) throw failure
    return result
  } finally {
    signal.removeEventListener('abort', end)
  }
}

/**
 * What the source throws, as a value: the child, whose input ends there, is still to be waited for. A child that reads no
 * further says itself why.
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

/** Time for the last lines of a program that has ended: who else holds its output open is not waited for. */
const drainMs = 200

function endWhenLeft(child: ChildProcess, leadsGroup: boolean, onError: (error: unknown) => void): void {
  child.once('exit', () => {
    const timer = setTimeout(() => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    }, drainMs)
    child.once('close', () => {
      clearTimeout(timer)
      send(child, leadsGroup, 'SIGKILL', onError)
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
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? missingProgram(file, error) : error)
    })
    // A program that a signal ended has no exit code; shells give 128 and the signal, and any number but 0 will do.
    child.once('close', (code) => {
      resolve({exitCode: code ?? 128, ...kept})
    })
  })
}

/** Who signals is called by a timer or an event: what goes wrong there has no caller, so `onError` is told. */
function endGroup(child: ChildProcess, leadsGroup: boolean, onError: (error: unknown) => void): void {
  send(child, leadsGroup, 'SIGINT', onError)
  const timer = setTimeout(() => {
    send(child, leadsGroup, 'SIGKILL', onError)
  }, graceMs)
  child.once('close', () => {
    clearTimeout(timer)
  })
}

function send(
  child: ChildProcess,
  leadsGroup: boolean,
  signal: NodeJS.Signals,
  onError: (error: unknown) => void,
): void {
  // The leader may have ended without what it started: its group is there as long as one of them is.
  if (child.pid === undefined || (!leadsGroup && child.exitCode !== null)) return
  try {
    process.kill(leadsGroup ? -child.pid : child.pid, signal)
  } catch (error) {
    // It ended between the look and the signal: that is what was wanted.
    if (!isGone(error)) onError(error)
  }
}

/** By its shape: an error of Node's own may come from another realm, where `instanceof Error` is false. */
function isGone(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ESRCH'
}
