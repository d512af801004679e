import {TagboatError} from '../../errors/error.ts'
import {errorCode} from '../../errors/node-error.ts'
import {exitCodeOf, missingProgram, startChild, type Child} from './child.ts'
import type {Command, CommandResult} from '../command.ts'

/** Longest output of a short command, far more than any of them prints. */
const maxCapturedCharacters = 16 * 1024 * 1024

/**
 * Runs a short command and returns its whole output. The command may exit without reading its input. On cancellation it
 * is killed with its descendants.
 * @throws TagboatError `docker-missing`; `command-failed` when the output exceeds the limit; the reason of the signal.
 */
export async function capture(command: Command, signal: AbortSignal, drainMs: number): Promise<CommandResult> {
  signal.throwIfAborted()
  const {promise: failed, reject: fail} = Promise.withResolvers<never>()
  const child = startChild(command, command.input !== undefined, fail)
  const end = (): void => {
    child.send('SIGKILL')
    fail(signal.reason)
  }
  signal.addEventListener('abort', end, {once: true})
  try {
    give(command.input, child)
    const {exitCode, stdout, stderr} = await Promise.race([collectAll(child, command.file, drainMs), failed])
    return {exitCode, stdout: stdout.text(), stderr: stderr.text()}
  } finally {
    signal.removeEventListener('abort', end)
  }
}

function give(input: string | undefined, {process: {stdin}}: Child): void {
  if (input === undefined || stdin === null) return
  // A program that exits before it has read its input closes the pipe. The failed write needs no handling.
  stdin.on('error', () => undefined)
  stdin.end(input)
}

interface Collected {
  readonly exitCode: number
  readonly stdout: CapturedText
  readonly stderr: CapturedText
}

async function collectAll(child: Child, file: string, drainMs: number): Promise<Collected> {
  const {process: running} = child
  const printed = {stdout: new CapturedText(file), stderr: new CapturedText(file)}
  return new Promise((resolve, reject) => {
    for (const name of ['stdout', 'stderr'] as const) {
      running[name]?.setEncoding('utf8').on('data', (chunk: string) => {
        printed[name].add(chunk)
        if (!printed[name].isWhole) child.send('SIGKILL')
      })
    }
    running.once('error', (error) => {
      reject(startFailure(file, error))
    })
    running.once('exit', () => {
      const timer = setTimeout(() => {
        running.stdout?.destroy()
        running.stderr?.destroy()
      }, drainMs)
      running.once('close', () => {
        clearTimeout(timer)
      })
    })
    running.once('close', (code) => {
      resolve({exitCode: exitCodeOf(code), ...printed})
    })
  })
}

function startFailure(file: string, error: Error): Error {
  if (errorCode(error) === 'ENOENT') return missingProgram(file, error)
  return errorCode(error) === 'EACCES' ? missingProgram(file, error, 'permission denied') : error
}

/** Output of a program, up to a limit. */
export class CapturedText {
  readonly #file: string
  readonly #parts: string[] = []
  #length = 0

  constructor(file: string) {
    this.#file = file
  }

  add(chunk: string): void {
    this.#length += chunk.length
    if (this.isWhole) this.#parts.push(chunk)
  }

  get isWhole(): boolean {
    return this.#length <= maxCapturedCharacters
  }

  /** @throws TagboatError `command-failed` */
  text(): string {
    if (this.isWhole) return this.#parts.join('')
    const evidence = [`${this.#file} printed more than ${maxCapturedCharacters} characters`]
    const remedy = `Run ${this.#file} manually on this runner to see its output.`
    throw new TagboatError('command-failed', {message: 'A short command printed too much output.', evidence, remedy})
  }
}
