import {details, fence} from './markdown.ts'
import type {Report} from '../report.ts'
import {timeline} from './timeline.ts'

/** Result of a build with `call`, as Buildx prints it. */
export function callResult({build}: Report): readonly string[] {
  const result = build?.callResult?.trim() ?? ''
  return result === '' ? [] : [fence(result)]
}

/** Folded chart of the build steps. */
export function buildSteps({build, called}: Report): readonly string[] {
  const chart = build?.record === undefined || called !== undefined ? undefined : timeline(build.record)
  return chart === undefined ? [] : [details('Timeline of the build', fence(chart))]
}
