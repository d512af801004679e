import type {Invariant} from './invariants.ts'
import type {Mode, PlanOptions} from './modes.ts'
import {executeRound, type Round} from './round.ts'

/** Searches for a round with the same violation and fewer runs and faults, by leaving out one after the other. */
export async function shrink(mode: Mode, seed: number, options: PlanOptions, invariant: Invariant): Promise<Round> {
  const attempt = async (without: ReadonlySet<string>): Promise<Round | undefined> => {
    const round = await executeRound(mode, seed, {...options, without})
    return round.verdict.violations.some((one) => one.invariant === invariant) ? round : undefined
  }
  let without = new Set<string>()
  let found = await attempt(without)
  if (found === undefined) throw new Error(`seed ${seed} of ${mode} does not violate: ${invariant}`)
  const drop = async (names: readonly string[]): Promise<boolean> => {
    const extended = new Set([...without, ...names])
    const round = await attempt(extended)
    if (round === undefined) return false
    found = round
    without = extended
    return true
  }
  const clients = [...new Set(found.runs.map(({planned: {client}}) => client))].filter((client) =>
    /^(?:run|before)/.test(client),
  )
  for (const client of clients) await drop([client])
  for (let size = found.faults.length; size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < found.faults.length;) {
      const names = found.faults.slice(start, start + size).map(({name}) => name)
      if (names.length === 0 || !(await drop(names))) start += size
    }
  }
  return found
}
