import type {Invariant} from './invariants.ts'
import type {Round} from './round.ts'
import {faultKinds} from './conditions.ts'

/** Sums over the rounds of one mode. */
export class Figures {
  rounds = 0
  violations = 0
  readonly counts = new Map<string, number>()
  readonly violated = new Map<Invariant, number[]>()

  add(round: Round): void {
    this.rounds += 1
    for (const run of round.runs) {
      this.#count('runs', 1)
      const failure = run.result?.failure
      if (run.result === undefined) this.#count('killed', 1)
      else if (failure?.code === 'cancelled') this.#count('cancelled', 1)
      else this.#count(failure === undefined ? 'succeeded' : 'failed', 1)
      this.#count('requests', run.lifetime.requests)
    }
    for (const {kind} of round.faults) this.#count(kind, 1)
    for (const count of round.verdict.checks.values()) this.#count('checks', count)
    for (const {ms, isReported} of round.verdict.races) {
      this.#count(isReported ? 'race, reported' : 'race, not reported', 1)
      this.counts.set('longest race window in ms', Math.max(ms, this.counts.get('longest race window in ms') ?? 0))
    }
    this.violations += round.verdict.violations.length
    for (const invariant of new Set(round.verdict.violations.map((one) => one.invariant))) {
      this.violated.set(invariant, [...(this.violated.get(invariant) ?? []), round.seed])
    }
    this.#count('minutes of virtual time', round.virtualMs / 60_000)
  }

  #count(name: string, by: number): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by)
  }
}

const rows = [
  'runs',
  'succeeded',
  'failed',
  'killed',
  'cancelled',
  'requests',
  ...faultKinds,
  'checks',
  'race, reported',
  'race, not reported',
  'longest race window in ms',
  'minutes of virtual time',
]

/** Formats a table with one column per mode. */
export function formatFigures(figures: ReadonlyMap<string, Figures>): string {
  const columns = [...figures]
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(30)}${cells.map((cell) => cell.padStart(14)).join('')}`
  const lines = [
    line(
      '',
      columns.map(([mode]) => mode),
    ),
    line(
      'rounds',
      columns.map(([, {rounds}]) => String(rounds)),
    ),
    ...rows.map((name) =>
      line(
        name,
        columns.map(([, {counts}]) => String(Math.round(counts.get(name) ?? 0))),
      ),
    ),
    line(
      'violations',
      columns.map(([, {violations}]) => String(violations)),
    ),
  ]
  const names = new Set(columns.flatMap(([, {violated}]) => [...violated.keys()]))
  const wrong = [...names].map((name) =>
    line(
      `  ${name}`.slice(0, 40),
      columns.map(([, {violated}]) => String(violated.get(name)?.length ?? 0)),
    ),
  )
  return [...lines, ...wrong].join('\n')
}
