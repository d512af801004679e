import {readdir, readFile} from 'node:fs/promises'
import {setTimeout as sleep} from 'node:timers/promises'

/** Every process that a run starts carries this variable; later steps of the job do not. */
export const markerVariable = 'TAGBOAT_RUN'

/**
 * Ends the processes that a killed or cancelled run left behind, as the runner does with its own tracking variable: a
 * login that is still running would write its credentials after they were removed. Elsewhere than on Linux the runner's
 * own end of the process tree has to do. Returns when they are gone: one that was told to end may still finish the
 * system call that it is in, and have started another since they were listed. With `variables`, a process of another run
 * is none of them, even if it carries the marker: what names the run and the runner has to be the same.
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

/** Set by the runner, and the same in main and post of a step. */
const runVariables = ['GITHUB_RUN_ID', 'GITHUB_RUN_ATTEMPT', 'GITHUB_JOB', 'RUNNER_NAME', 'RUNNER_TEMP']

/** Two seconds for a process that the kernel holds on to. */
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
    // Gone meanwhile, or another user's: not one of ours.
    return false
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone meanwhile.
  }
}
