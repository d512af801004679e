import {readFile} from 'node:fs/promises'

export interface Cost {
  readonly wallMs: number
  /** User and system time of the child processes that have ended. */
  readonly cpuMs: number
}

export async function measure(body: () => Promise<unknown>): Promise<Cost> {
  const [start, cpu] = [performance.now(), await childrenCpuMs()]
  await body()
  return {wallMs: performance.now() - start, cpuMs: (await childrenCpuMs()) - cpu}
}

/** CPU time of all ended descendants (proc(5), /proc/[pid]/stat, cutime and cstime, in ticks of 10 ms). */
async function childrenCpuMs(): Promise<number> {
  const text = await readFile('/proc/self/stat', 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) * 10
}

/** Largest resident size of a process in bytes, polled until `work` is done. */
export async function largestResident(pid: () => number | undefined, work: () => Promise<void>): Promise<number> {
  let largest = 0
  const looking = setInterval(() => {
    void residentBytes(pid()).then((bytes) => (largest = Math.max(largest, bytes)))
  }, 20)
  try {
    await work()
  } finally {
    clearInterval(looking)
  }
  return largest
}

/** proc(5), /proc/[pid]/status, VmHWM. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
}

/** Implementation to compare. */
export interface Contender<T> {
  readonly name: string
  readonly work: (round: number) => Promise<T>
}

/** Runs all contenders in each round, in reverse order in every second round, so that conditions are the same. */
export async function alternate<T>(
  rounds: number,
  contenders: readonly Contender<T>[],
): Promise<readonly (readonly T[])[]> {
  const results = contenders.map((): T[] => [])
  for (let round = 0; round < rounds; round += 1) {
    const order = contenders.map((contender, index) => ({contender, index}))
    for (const {contender, index} of round % 2 === 0 ? order : order.toReversed()) {
      results[index]?.push(await contender.work(round))
    }
  }
  return results
}

export function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

export function ms(value: number): string {
  return `${Math.round(value)} ms`
}

/** Formats a row with right-aligned cells, except the first one. */
export function tableRow(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
    .join('')
}
