import {readdirSync, readFileSync} from 'node:fs'
import {setImmediate as nextTurn} from 'node:timers/promises'

/** Recorder of the command lines of all processes of this machine, by sampling. */
export class ProcessWatch implements Disposable {
  readonly #seen = new Set<string>()
  readonly #ownPid = String(process.pid)
  #running = true
  #samples = 0

  constructor() {
    this.#sample()
  }

  /** Command lines, with arguments separated by spaces. */
  get commandLines(): readonly string[] {
    return [...this.#seen]
  }

  /** Number of samples. */
  get samples(): number {
    return this.#samples
  }

  [Symbol.dispose](): void {
    this.#running = false
  }

  #sample(): void {
    if (!this.#running) return
    for (const pid of processIds()) {
      const line = pid === this.#ownPid ? '' : readProcessFile(pid, 'cmdline')
      if (line !== '') this.#seen.add(line.replaceAll('\0', ' ').trim())
    }
    this.#samples += 1
    setImmediate(() => {
      this.#sample()
    })
  }
}

/** Command lines of the processes with a text in their environment. */
export function processesWith(text: string): readonly string[] {
  return processIds()
    .filter((pid) => pid !== String(process.pid) && readProcessFile(pid, 'environ').includes(text))
    .map((pid) => `${pid}: ${readProcessFile(pid, 'cmdline').replaceAll('\0', ' ').trim()}`)
}

function processIds(): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
}

/** Reads a file of a process. Empty if the process has ended or belongs to another user. */
function readProcessFile(pid: string, name: 'cmdline' | 'environ' | 'status'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}

/** Command lines of the children of a process, by sampling until it ends. */
export async function childrenOf(parent: number): Promise<readonly string[]> {
  const seen = new Set<string>()
  while (isRunning(parent)) {
    for (const pid of processIds()) {
      if (parentOf(pid) === parent) seen.add(readProcessFile(pid, 'cmdline').replaceAll('\0', ' ').trim())
    }
    await nextTurn()
  }
  return [...seen]
}

/** Whether a process is running. A process that has ended is a zombie until its parent reads its exit code. */
function isRunning(pid: number): boolean {
  const status = readProcessFile(String(pid), 'status')
  return status !== '' && !/^State:\s+Z/m.test(status)
}

function parentOf(pid: string): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readProcessFile(pid, 'status'))?.[1])
}
