import {readdir, readFile} from 'node:fs/promises'

/** Every process that a run starts carries this variable; later steps of the job do not. */
export const markerVariable = 'TAGBOAT_RUN'

/**
 * Ends the processes that a killed or cancelled run left behind, as the runner does with its own tracking variable: a
 * login that is still running would write its credentials after they were removed. Elsewhere than on Linux the runner's
 * own end of the process tree has to do.
 */
export async function endLeftovers(marker: string): Promise<void> {
  if (process.platform !== 'linux' || marker === '') return
  const entries = await readdir('/proc')
  const candidates = entries.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  await Promise.all(
    candidates.map(async (pid) => {
      if (await carries(pid, `${markerVariable}=${marker}`)) end(Number(pid))
    }),
  )
}

async function carries(pid: string, variable: string): Promise<boolean> {
  try {
    const variables = await readFile(`/proc/${pid}/environ`, 'utf8')
    return variables.split('\0').includes(variable)
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
