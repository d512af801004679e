import type {BuildRecord, StepRecord} from '../buildx/progress/build-record.ts'
import type {PublishedImage} from '../promote/read-back.ts'
import {formatBytes} from '../oci/byte-size.ts'
import type {FormerImage} from '../run/run-result.ts'

/** `12 of 15 steps cached`, of the instructions of the Dockerfile. Undefined when there are none. */
export function cacheShare({steps}: BuildRecord): string | undefined {
  const instructions = steps.filter(({isInstruction}) => isInstruction)
  if (instructions.length === 0) return undefined
  const cached = instructions.filter((step) => step.cached).length
  return `${cached} of ${instructions.length} ${instructions.length === 1 ? 'step' : 'steps'} cached`
}

const maxSlowest = 5
/** A step that takes less is none that anyone would look for. */
const slowMs = 500

export function slowestSteps({steps}: BuildRecord): readonly StepRecord[] {
  const slow = steps.filter(({cached, durationMs}) => !cached && durationMs >= slowMs)
  return slow.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, maxSlowest)
}

/** Milliseconds in which at least one step of each platform ran. */
export function timeByPlatform({steps}: BuildRecord): ReadonlyMap<string, number> {
  const byPlatform = Map.groupBy(
    steps.filter(({cached}) => !cached),
    ({platform}) => platform ?? '',
  )
  byPlatform.delete('')
  return new Map([...byPlatform].map(([platform, own]) => [platform, coveredMs(own)]))
}

/** The time in which steps of a platform ran; `cached` where none had to, empty where it has none. */
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

/** `+1.2 MB (+10%)` against the image of the same platform; undefined where there was none. */
export function sizeChange(image: PublishedImage, former: FormerImage | undefined): string | undefined {
  const [only, ...others] = former?.images ?? []
  const before =
    former?.images.find(({platform}) => platform === image.platform) ??
    // An image that is no index does not say its platform.
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

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
