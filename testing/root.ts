import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import {programPath} from './docker.ts'

const run = promisify(execFile)

/** Runs a program as root, with `sudo` if the tests run as another user. */
export async function asRoot(program: string, ...args: readonly string[]): Promise<void> {
  const [file, ...rest] = await rootCommand(program, ...args)
  await run(file, rest)
}

/** Command that runs a program as root, with the PATH of this process. */
export async function rootCommand(
  program: string,
  ...args: readonly string[]
): Promise<readonly [string, ...string[]]> {
  const whole: [string, ...string[]] = [await programPath(program), ...args]
  return process.getuid?.() === 0 ? whole : ['sudo', '-n', 'env', `PATH=${process.env['PATH'] ?? ''}`, ...whole]
}
