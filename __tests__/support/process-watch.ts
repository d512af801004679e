import {readdirSync, readFileSync} from 'node:fs'

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
function readProcessFile(pid: string, name: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
