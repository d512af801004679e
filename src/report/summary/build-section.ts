import {details, fence} from './markdown.ts'
import type {Report} from '../report.ts'

/** Result of a build with `call`, as Buildx prints it. */
export function callResult({build}: Report): readonly string[] {
  const result = build?.callResult?.trim() ?? ''
  return result === '' ? [] : [fence(result)]
}

/** Shorter builds have no timeline: the table of steps says enough. */
const minBuildMs = 10_000

/** Folded chart of the build steps. */
export async function buildSteps({build, called}: Report): Promise<readonly string[]> {
  const record = called === undefined ? build?.record : undefined
  if (record?.steps.some(({startedMs, durationMs}) => startedMs + durationMs >= minBuildMs) !== true) return []
  const {timeline} = await import('./timeline.ts')
  const chart = timeline(record)
  return chart === undefined ? [] : [details('Timeline of the build', fence(chart))]
}
