import {readdirSync, readFileSync} from 'node:fs'
import {setImmediate as nextTurn} from 'node:timers/promises'

/** Every argument vector that any process of this machine had while it was watched, as far as sampling can see. */
export class ProcessWatch implements Disposable {
  readonly #seen = new Set<string>()
  readonly #own = String(process.pid)
  #running = true
  #samples = 0

  constructor() {
    this.#sample()
  }

  /** Arguments are separated by spaces. */
  get commandLines(): readonly string[] {
    return [...this.#seen]
  }

  /** How often all processes were looked at. */
  get samples(): number {
    return this.#samples
  }

  [Symbol.dispose](): void {
    this.#running = false
  }

  #sample(): void {
    if (!this.#running) return
    for (const pid of processIds()) {
      const line = pid === this.#own ? '' : readProcessFile(pid, 'cmdline')
      if (line !== '') this.#seen.add(line.replaceAll('\0', ' ').trim())
    }
    this.#samples += 1
    setImmediate(() => {
      this.#sample()
    })
  }
}

/** Command lines of the processes that have this text in their environment. */
export function processesWith(text: string): readonly string[] {
  return processIds()
    .filter((pid) => pid !== String(process.pid) && readProcessFile(pid, 'environ').includes(text))
    .map((pid) => `${pid}: ${readProcessFile(pid, 'cmdline').replaceAll('\0', ' ').trim()}`)
}

function processIds(): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
}

/** Empty when the process is gone meanwhile, or another user's. */
function readProcessFile(pid: string, name: 'cmdline' | 'environ' | 'status'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}

/** Command lines of the children that a process has had when it ends, as far as sampling can see. */
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

/** A process that has ended is a zombie until its parent asks for its code. */
function isRunning(pid: number): boolean {
  const status = readProcessFile(String(pid), 'status')
  return status !== '' && !/^State:\s+Z/m.test(status)
}

function parentOf(pid: string): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readProcessFile(pid, 'status'))?.[1])
}
