import {execFile} from 'node:child_process'
import type {Command, CommandResult} from './command.ts'

/** A program that hangs must not hold a step for ever. */
const longestMs = 60_000

/**
 * Runs a short program to its end, whatever becomes of the run: what a run leaves behind is removed by it. A program that is
 * not there ends with code 127, as in a shell. Nothing is loaded for it but Node's own: the post step has it too.
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
