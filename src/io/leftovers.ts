import {readdir, readFile} from 'node:fs/promises'
import {setTimeout as sleep} from 'node:timers/promises'
import {markerVariable} from './io.ts'

/**
 * Kills the processes that a killed or cancelled run left behind, as the runner does with its own tracking variable: a
 * login that still runs could write credentials after they were removed. On other systems than Linux it does nothing;
 * the runner ends the process tree there. It returns when the processes are gone: a killed process can finish its
 * current system call, and may have started another one since they were listed. With `variables`, a process must also
 * have the same run and runner, so that a copied marker does not select processes of another run.
 */
export async function endLeftovers(
  marker: string,
  variables: Readonly<Record<string, string | undefined>> = {},
): Promise<void> {
  if (process.platform !== 'linux' || marker === '') return
  const named = runVariables.flatMap((name) => (variables[name] === undefined ? [] : [`${name}=${variables[name]}`]))
  const marks = [`${markerVariable}=${marker}`, ...named]
  for (let round = 0; round < maxRounds; round += 1) {
    const left = await processesOf(marks)
    if (left.length === 0) return
    for (const pid of left) end(pid)
    await sleep(pauseMs)
  }
}

/** Variables that the runner sets to the same values in the main and post steps. */
const runVariables = ['GITHUB_RUN_ID', 'GITHUB_RUN_ATTEMPT', 'GITHUB_JOB', 'RUNNER_NAME', 'RUNNER_TEMP']

/** Rounds of `pauseMs`: two seconds for a process in an uninterruptible system call. */
const maxRounds = 200
const pauseMs = 10

async function processesOf(marks: readonly string[]): Promise<readonly number[]> {
  const entries = await readdir('/proc')
  const candidates = entries.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  const marked = await Promise.all(candidates.map(async (pid) => carries(pid, marks)))
  return candidates.filter((_, index) => marked[index]).map(Number)
}

async function carries(pid: string, marks: readonly string[]): Promise<boolean> {
  try {
    const variables = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0')
    return marks.every((mark) => variables.includes(mark))
  } catch {
    // The process has exited, or belongs to another user.
    return false
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // The process has exited.
  }
}
