import type {ChildProcess} from 'node:child_process'
import {pipeline} from 'node:stream/promises'
import {StringDecoder} from 'node:string_decoder'
import {capture, CapturedText} from './capture.ts'
import {errorCode} from '../errors/node-error.ts'
import {exitCodeOf, missingProgram, startChild, type Child} from './child.ts'
import type {Command, CommandResult} from './command.ts'

export type OnOutput = (chunk: string, stream: 'stdout' | 'stderr') => void

/**
 * Runs programs, until `signal` is aborted with the error to end with. A program that ends with a code other than 0 is no exception here: the caller knows what it
 * means.
 */
export interface Processes {
  /**
   * A short command, whose whole output is wanted. On cancellation it is killed.
   * @throws TagboatError `docker-missing`; `command-failed` when it prints without end.
   */
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
 * Programs are started as leaders of a process group, which can be ended whole. On Windows a program may be a script
 * (`docker.cmd`), which only a shell can start: there short commands without input run through @actions/exec, which finds and
 * quotes them. It cannot stop a child (https://github.com/actions/toolkit/issues/1656).
 */
export function processes(signal: AbortSignal, platform: NodeJS.Platform = process.platform): Processes {
  return {
    capture: async (command) =>
      platform === 'win32' && command.input === undefined ? runByToolkit(command, signal) : capture(command, signal),
    stream: async (command, onOutput) => {
      const {until} = command
      return stream(command, onOutput, until === undefined ? signal : AbortSignal.any([signal, until]))
    },
  }
}

/** On Windows: the same through the toolkit, for commands without input (it lets one that does not read crash the step). */
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
    // Its first line for debugging stands directly before the child is spawned.
    debug: () => {
      spawned.resolve(undefined)
    },
  }
  // Loaded where it is needed: no other system has a use for it.
  const {exec} = await import('@actions/exec')
  const run = exec(file, [...args], {env: {...env}, silent: true, ignoreReturnCode: true, listeners})
  // What ends the remains of a cancelled run has to see the child: until it exists, nothing is over.
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

/** @actions/exec has no code for it: its text is the only sign. */
function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Unable to locate executable file')
}

async function stream(command: Command, onOutput: OnOutput, signal: AbortSignal): Promise<CommandResult> {
  signal.throwIfAborted()
  const unended = Promise.withResolvers<never>()
  const child = startChild(command, command.source !== undefined, unended.reject)
  const fed = feed(child.process, command.source)
  const end = (): void => {
    endGroup(child)
  }
  signal.addEventListener('abort', end, {once: true})
  if (command.endsAll === true) endWhenLeft(child)
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

function endWhenLeft({process: child, send}: Child): void {
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

function endGroup({process: child, send}: Child): void {
  send('SIGINT')
  const timer = setTimeout(() => {
    send('SIGKILL')
  }, graceMs)
  child.once('close', () => {
    clearTimeout(timer)
  })
}
