import type {BuildRecord, StepRecord} from '../buildx/progress/build-record.ts'
import type {PublishedImage} from '../promote/read-back.ts'
import {formatBytes} from '../oci/byte-size.ts'
import type {PreviousImage} from '../run/run-result.ts'

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

const maxSlowest = 5
/** Shorter steps are not worth a row. */
const slowMs = 500

/** Slowest steps of a build, the slowest one first. */
/** Slowest steps of a build, the slowest one first. */
export function slowestSteps({steps}: BuildRecord): readonly StepRecord[] {
  const slow = steps.filter(({cached, durationMs}) => !cached && durationMs >= slowMs)
  return slow.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, maxSlowest)
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
  if (ms !== undefined) return seconds(ms)
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

/** Change of the size from the previous image of the same platform: `+1.2 MB (+10%)`; undefined without one. */
export function sizeChange(image: PublishedImage, previous: PreviousImage | undefined): string | undefined {
  const [only, ...others] = previous?.images ?? []
  const before =
    previous?.images.find(({platform}) => platform === image.platform) ??
    // A single manifest does not name its platform.
    (others.length === 0 && only?.platform === 'unknown' ? only : undefined)
  if (before === undefined) return undefined
  const bytes = image.compressedBytes - before.compressedBytes
  if (bytes === 0) return 'same'
  const sign = bytes > 0 ? '+' : '−'
  const percent = (Math.abs(bytes) / before.compressedBytes) * 100
  const change = `${sign}${formatBytes(Math.abs(bytes))}`
  if (before.compressedBytes === 0 || percent < 0.05) return change
  return `${change} (${sign}${percent.toFixed(percent < 10 ? 1 : 0)}%)`
}

/** Duration in seconds: `1.5 s`. */
/** Duration in seconds: `1.5 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
