import {formatDuration} from '../duration.ts'
import type {BuildRecord, StepRecord} from '../../buildx/progress/build-record.ts'
import {formatBytes} from '../../oci/byte-size.ts'
import {previousOf, type PreviousImage, type PublishedImage} from '../../oci/published-image.ts'

/**
 * Share of the Dockerfile's instructions that came from the cache: `12 of 15 steps cached`; undefined without
 * instructions.
 */
export function cacheShare({steps}: BuildRecord): string | undefined {
  const instructions = steps.filter(({isInstruction}) => isInstruction)
  if (instructions.length === 0) return undefined
  const cached = instructions.filter((step) => step.cached).length
  return `${cached} of ${instructions.length} ${instructions.length === 1 ? 'step' : 'steps'} cached`
}

/** Time in milliseconds during which at least one step of a platform ran, by platform. */
export function timeByPlatform({steps}: BuildRecord): ReadonlyMap<string, number> {
  const byPlatform = Map.groupBy(
    steps.filter(({cached}) => !cached),
    ({platform}) => platform ?? '',
  )
  byPlatform.delete('')
  return new Map([...byPlatform].map(([platform, ran]) => [platform, coveredMs(ran)]))
}

/** Build time of a platform: `cached` if all of its steps came from the cache, empty if it has no steps. */
export function timeCell(record: BuildRecord | undefined, platform: string): string {
  if (record === undefined) return ''
  const ms = timeByPlatform(record).get(platform)
  if (ms !== undefined) return formatDuration(ms)
  return record.steps.some((step) => step.platform === platform) ? 'cached' : ''
}

function coveredMs(steps: readonly StepRecord[]): number {
  const ordered = steps.toSorted((a, b) => a.startedMs - b.startedMs)
  let [end, covered] = [0, 0]
  for (const {startedMs, durationMs} of ordered) {
    const until = startedMs + durationMs
    covered += Math.max(0, until - Math.max(end, startedMs))
    end = Math.max(end, until)
  }
  return covered
}

/** Change of the size from the previous image of the same platform: `+1.2 MB, +10%`; undefined without one. */
export function sizeChange(image: PublishedImage, previous: PreviousImage | undefined): string | undefined {
  const before = previousOf(image, previous)
  if (before === undefined) return undefined
  const bytes = image.compressedBytes - before.compressedBytes
  if (bytes === 0) return 'same'
  const sign = bytes > 0 ? '+' : '−'
  const percent = (Math.abs(bytes) / before.compressedBytes) * 100
  const change = `${sign}${formatBytes(Math.abs(bytes))}`
  if (before.compressedBytes === 0 || percent < 0.05) return change
  return `${change}, ${sign}${percent.toFixed(percent < 10 ? 1 : 0)}%`
}
