import {spawn, type ChildProcess} from 'node:child_process'
import {TagboatError} from '../errors/error.ts'
import {errorCode} from '../errors/node-error.ts'

export interface ChildRequest {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** A program that was started, as leader of a process group where the system has those. */
export interface Child {
  readonly process: ChildProcess
  /** Sends a signal to the program and all that it started. One that has ended is fine. */
  readonly send: (signal: NodeJS.Signals) => void
}

/**
 * Starts a program. What goes wrong with a signal is told to `onError`: a timer or an event that sends one has no caller.
 * @throws NodeJS.ErrnoException where the system does not take the arguments.
 */
export function startChild(
  {file, args, env}: ChildRequest,
  hasInput: boolean,
  onError: (error: unknown) => void,
): Child {
  const leadsGroup = process.platform !== 'win32'
  const child = spawn(file, args, {
    env: {...env},
    detached: leadsGroup,
    stdio: [hasInput ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    windowsHide: true,
  })
  return {
    process: child,
    send: (signal) => {
      // The leader may have ended without what it started: its group exists as long as one of them does.
      if (child.pid === undefined || (!leadsGroup && child.exitCode !== null)) return
      try {
        process.kill(leadsGroup ? -child.pid : child.pid, signal)
      } catch (error) {
        // It ended between the look and the signal: that is what was wanted.
        if (errorCode(error) !== 'ESRCH') onError(error)
      }
    },
  }
}

/** A program that a signal ended has no exit code; shells give 128 and the signal, and any number but 0 will do. */
export function exitCodeOf(code: number | null): number {
  return code ?? 128
}

export function missingProgram(file: string, cause: unknown, reason = 'not found'): TagboatError {
  return new TagboatError('docker-missing', {evidence: [`${file}: ${reason}`], cause})
}
