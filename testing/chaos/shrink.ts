import type {Invariant} from './invariants.ts'
import type {Mode, PlanOptions} from './modes.ts'
import {playRound, type Round} from './round.ts'

/** The same violation with as few runs and faults as can be found by leaving out one after the other. */
export async function shrink(mode: Mode, seed: number, options: PlanOptions, invariant: Invariant): Promise<Round> {
  const attempt = async (without: ReadonlySet<string>): Promise<Round | undefined> => {
    const round = await playRound(mode, seed, {...options, without})
    return round.verdict.violations.some((one) => one.invariant === invariant) ? round : undefined
  }
  let without = new Set<string>()
  let found = await attempt(without)
  if (found === undefined) throw new Error(`seed ${seed} of ${mode} does not violate: ${invariant}`)
  const drop = async (names: readonly string[]): Promise<boolean> => {
    const more = new Set([...without, ...names])
    const round = await attempt(more)
    if (round === undefined) return false
    found = round
    without = more
    return true
  }
  const whos = [...new Set(found.runs.map(({planned: {client}}) => client))].filter((client) =>
    /^(?:run|before)/.test(client),
  )
  for (const client of whos) await drop([client])
  for (let size = found.faults.length; size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < found.faults.length;) {
      const names = found.faults.slice(start, start + size).map(({name}) => name)
      if (names.length === 0 || !(await drop(names))) start += size
    }
  }
  return found
}
