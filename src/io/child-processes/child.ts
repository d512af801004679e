import {spawn, type ChildProcess} from 'node:child_process'
import {TagboatError} from '../../errors/error.ts'
import {errorCode} from '../../errors/node-error.ts'

interface ChildRequest {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

type StdioPipe = 'pipe' | 'ignore'

/** A running program. It leads a process group, except on Windows. */
export interface Child {
  readonly process: ChildProcess
  /** Sends a signal to the program and its descendants; does nothing when they have exited. */
  readonly send: (signal: NodeJS.Signals) => void
}

/**
 * Starts a program. `onError` receives failures to send a signal: the timer or event that sends it has no caller.
 * @throws NodeJS.ErrnoException when the system rejects the arguments.
 */
export function startChild(
  {file, args, env}: ChildRequest,
  hasInput: boolean,
  onError: (error: unknown) => void,
  stdio: readonly StdioPipe[] = [hasInput ? 'pipe' : 'ignore', 'pipe', 'pipe'],
): Child {
  const leadsGroup = process.platform !== 'win32'
  const child = spawn(file, args, {
    env: {...env},
    detached: leadsGroup,
    stdio: [...stdio],
    windowsHide: true,
  })
  return {
    process: child,
    send: (signal) => {
      // A process group exists until its last process exits, so it can outlive its leader.
      if (child.pid === undefined || (!leadsGroup && child.exitCode !== null)) return
      try {
        process.kill(leadsGroup ? -child.pid : child.pid, signal)
      } catch (error) {
        // It exited before the signal was sent.
        if (errorCode(error) !== 'ESRCH') onError(error)
      }
    },
  }
}

/** Exit code of a child; 128 for a program that was ended by a signal and so has none. */
export function exitCodeOf(code: number | null): number {
  return code ?? 128
}

export function missingProgram(file: string, cause: unknown, reason = 'not found'): TagboatError {
  return new TagboatError('docker-missing', {evidence: [`${file}: ${reason}`], cause})
}
