/** Steps of a run whose durations are reported, in the order in which they usually run. */
const phaseNames = ['builder', 'login', 'build', 'push', 'load', 'copy', 'sign', 'promote'] as const

export type PhaseName = (typeof phaseNames)[number]

export interface Phase {
  readonly name: PhaseName
  /** Time in milliseconds during which it ran; the sum if it ran several times. */
  readonly durationMs: number
}

/** Stopwatch of a run. */
export interface Phases {
  /** Measures `body`, also if it fails. */
  measure<T>(name: PhaseName, body: () => Promise<T>): Promise<T>
  /** Phases that have ended, in the order of `phaseNames`. */
  readonly ended: readonly Phase[]
  /** Time since the start of the run, in milliseconds. */
  readonly elapsedMs: number
}

/** Starts a stopwatch. `now` returns a time in milliseconds. */
export function phases(now: () => number): Phases {
  const started = now()
  const spent = new Map<PhaseName, number>()
  return {
    async measure(name, body) {
      const since = now()
      try {
        return await body()
      } finally {
        spent.set(name, (spent.get(name) ?? 0) + now() - since)
      }
    },
    get ended() {
      return phaseNames.flatMap((name) => {
        const durationMs = spent.get(name)
        return durationMs === undefined ? [] : [{name, durationMs}]
      })
    },
    get elapsedMs() {
      return now() - started
    },
  }
}
