/**
 * Reports whether work takes more CPU time than a limit, in milliseconds, three times in a row. One time says little: the
 * process also compiles and collects garbage, on threads of their own, for whatever ran before.
 */
export function exceedsCpuTime(limitMs: number, work: () => unknown): boolean {
  return [1, 2, 3].every(() => cpuTimeMs(work) > limitMs)
}

function cpuTimeMs(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const {user, system} = process.cpuUsage(before)
  return (user + system) / 1000
}
