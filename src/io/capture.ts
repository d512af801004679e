import {TagboatError} from '../errors/error.ts'
import {errorCode} from '../errors/node-error.ts'
import {exitCodeOf, missingProgram, startChild, type Child} from './child.ts'
import type {Command, CommandResult} from './command.ts'

/** Far more than any short command prints that is used here. */
export const maxCapturedCharacters = 16 * 1024 * 1024
/** Time for the last output of a program that has ended: what it left in the background may hold its output open. */
const drainMs = 500

/**
 * Runs a short command and gives all that it printed. It may end without reading its input: what it prints and its exit code
 * say what became of it. On cancellation it is killed, with all that it started.
 * @throws TagboatError `docker-missing`, `command-failed` when it prints without end; the reason of the signal.
 */
export async function capture(command: Command, signal: AbortSignal): Promise<CommandResult> {
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
    const {exitCode, stdout, stderr} = await Promise.race([collectAll(child, command.file), failed])
    return {exitCode, stdout: stdout.text(), stderr: stderr.text()}
  } finally {
    signal.removeEventListener('abort', end)
  }
}

function give(input: string | undefined, {process: {stdin}}: Child): void {
  if (input === undefined || stdin === null) return
  // A program that does not read, or ends before it has read all, closes its end: writing to it fails, and that is all.
  stdin.on('error', () => undefined)
  stdin.end(input)
}

interface Collected {
  readonly exitCode: number
  readonly stdout: CapturedText
  readonly stderr: CapturedText
}

async function collectAll(child: Child, file: string): Promise<Collected> {
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
  return errorCode(error) === 'EACCES' ? missingProgram(file, error, 'this user may not run it') : error
}

/** What a program printed, up to a bound. */
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
    const remedy = `Run ${this.#file} on this runner by hand to see what it prints.`
    throw new TagboatError('command-failed', {message: 'A short command printed without end.', evidence, remedy})
  }
}
