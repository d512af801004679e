import {execFile} from 'node:child_process'
import type {Command, CommandResult} from '../command.ts'

/** Time limit: a program that hangs must not block the step. */
const longestMs = 60_000

/**
 * Runs a short program to its end even when the run is cancelled, such as one that cleans up. The exit code is 127 when
 * the program does not exist, as in a shell. The module uses only Node's own modules, since the post step loads it.
 */
export async function runLasting({file, args, env}: Command): Promise<CommandResult> {
  return new Promise((resolve) => {
    const options = {env: {...env}, timeout: longestMs, killSignal: 'SIGKILL', windowsHide: true} as const
    execFile(file, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({exitCode: 0, stdout, stderr})
      else if (typeof error.code === 'number') resolve({exitCode: error.code, stdout, stderr})
      else resolve({exitCode: 127, stdout, stderr: stderr === '' ? error.message : stderr})
    })
  })
}
