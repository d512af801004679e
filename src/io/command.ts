import {TagboatError} from '../errors/error.ts'

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Text for standard input. */
  readonly input?: string
  /** Standard input of a long command, streamed. */
  readonly source?: AsyncIterable<Uint8Array>
  /** Signal that stops this long command, as cancellation does; its reason is thrown. */
  readonly until?: AbortSignal
  /** Kills the background processes of a long command when it exits. */
  readonly endsAll?: true
}

export interface CommandResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Programs of Buildx without the Docker CLI (https://github.com/docker/buildx#manual-download). */
const programs = ['docker-buildx', 'buildx'] as const

/** Runs a command and, if the Docker CLI is missing and the command is for Buildx, the program of Buildx. */
export async function orStandalone(
  command: Command,
  run: (command: Command) => Promise<CommandResult>,
): Promise<CommandResult> {
  const first = await attempt(command, run)
  if (!isMissing(first)) return first()
  for (const standalone of standaloneBuildx(command)) {
    const other = await attempt(standalone, run)
    if (!isMissing(other)) return other()
  }
  return first()
}

/** Commands of Buildx without the Docker CLI. None if the command is not for Buildx. */
export function standaloneBuildx(command: Command): readonly Command[] {
  const [subcommand, ...args] = command.args
  return subcommand === 'buildx' ? programs.map((file) => ({...command, file, args})) : []
}

/** Returns the result of a command, or throws its error. */
type Attempt = (() => CommandResult) & {readonly error?: unknown; readonly exitCode?: number}

async function attempt(command: Command, run: (command: Command) => Promise<CommandResult>): Promise<Attempt> {
  try {
    const result = await run(command)
    return Object.assign(() => result, {exitCode: result.exitCode})
  } catch (error) {
    return Object.assign(
      () => {
        throw error
      },
      {error},
    )
  }
}

/** Reports whether a program is not on the PATH: an error, or the exit code of a shell. */
function isMissing({error, exitCode}: Attempt): boolean {
  return exitCode === 127 || (error instanceof TagboatError && error.code === 'docker-missing')
}
