import {maxOutputBytes} from '../output-limit.ts'

/** Plan in the format of the output, with the lists that can be shortened. */
interface LongPrunePlan {
  readonly dryRun: boolean
  readonly repositories: readonly LongRepository[]
}

interface LongRepository {
  readonly decisions: readonly object[]
  readonly deletions: readonly object[]
}

/** Limits the plan: each list keeps its first entries. The field `omitted` names the lists that are not complete. */
export function limitLists(plan: LongPrunePlan): string {
  const whole = JSON.stringify(plan)
  if (fits(whole)) return whole
  const longest = Math.max(...plan.repositories.flatMap((one) => [one.decisions.length, one.deletions.length]))
  let [low, high] = [0, longest]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(shortened(plan, middle))) low = middle
    else high = middle - 1
  }
  return shortened(plan, low)
}

function shortened(plan: LongPrunePlan, count: number): string {
  const names = ['decisions', 'deletions'] as const
  const omitted = names.filter((name) => plan.repositories.some((one) => one[name].length > count))
  const repositories = plan.repositories.map((one) => ({
    ...one,
    decisions: one.decisions.slice(0, count),
    deletions: one.deletions.slice(0, count),
  }))
  return JSON.stringify({...plan, repositories, omitted})
}

function fits(text: string): boolean {
  return new TextEncoder().encode(text).length <= maxOutputBytes
}
