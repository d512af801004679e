import {text as readText} from 'node:stream/consumers'

/** Command line of this program, and where it reads and writes. */
export interface Terminal {
  readonly args: readonly string[]
  /** Current directory. */
  readonly directory: string
  /** Whether the output may have colours: only on a terminal, and not with `NO_COLOR` (https://no-color.org). */
  readonly hasColours: boolean
  write(text: string): void
  writeError(text: string): void
  /** Reads standard input to its end. */
  readInput(): Promise<string>
  /** Current time. */
  now(): Date
  /** Sets the exit code of the program, which ends when its output is written. */
  end(code: number): void
}

/** The terminal of this process. */
export function terminal(): Terminal {
  // A reader such as `head` may close the pipe before the end.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return {
    args: process.argv.slice(2),
    directory: process.cwd(),
    hasColours: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
    write: (text) => {
      process.stdout.write(text)
    },
    writeError: (text) => {
      process.stderr.write(text)
    },
    readInput: async () => readText(process.stdin),
    now: () => new Date(),
    end: (code) => {
      process.exitCode = code
    },
  }
}
