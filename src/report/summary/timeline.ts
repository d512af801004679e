import type {BuildRecord, StepRecord} from '../../buildx/progress/build-record.ts'
import {formatDuration} from '../duration.ts'

const maxBars = 40
/** Shorter steps would be dots. */
const minShare = 0.01
const barCells = 40
const maxName = 44

/**
 * Chart of a build's steps as text, a section for each platform. A text needs no script, has the colours of the page, is
 * readable in a closed section that is opened, and its labels cannot collide with lines. Undefined for fewer than two
 * steps.
 */
export function timeline({steps}: Pick<BuildRecord, 'steps'>): string | undefined {
  const last = Math.max(0, ...steps.map(endOf))
  const ran = steps.filter(({cached, durationMs}) => !cached && durationMs >= last * minShare)
  const longest = ran.toSorted((a, b) => b.durationMs - a.durationMs)
  const shown = longest.slice(0, maxBars).toSorted((a, b) => a.startedMs - b.startedMs)
  if (shown.length < 2) return undefined
  // Sorted by name, so that charts of two runs can be compared: the platforms start in any order.
  const platforms = [...new Set(shown.map(({platform}) => platform ?? ''))].sort()
  const lines = platforms.flatMap((platform) => {
    const own = shown.filter((step) => (step.platform ?? '') === platform)
    return [platform === '' ? 'build' : label(platform), ...own.map((step) => line(step, last))]
  })
  return lines.join('\n')
}

function endOf({startedMs, durationMs}: StepRecord): number {
  return startedMs + durationMs
}

/** `  2/3 RUN make                  9.8 s      ████████` */
function line(step: StepRecord, totalMs: number): string {
  const {name, platform, error, startedMs, durationMs} = step
  const cells = (ms: number): number => Math.round((ms / totalMs) * barCells)
  const start = Math.min(cells(startedMs), barCells - 1)
  const bar = `${' '.repeat(start)}${'█'.repeat(Math.max(1, cells(endOf(step)) - start))}`
  const title = label(name.replace(`[${platform ?? ''} `, '['))
  const gap = ' '.repeat(maxName + 1 - Array.from(title).length)
  return `  ${title}${gap}${formatDuration(durationMs).padStart(11)}  ${bar}${error === undefined ? '' : ' ✗'}`
}

/** Name on one line, at most `maxName` characters long. */
function label(text: string): string {
  const plain = Array.from(text.replace(/[\p{C}\s]+/gu, ' ').trim())
  return plain.length > maxName
    ? `${plain
        .slice(0, maxName - 1)
        .join('')
        .trimEnd()}…`
    : plain.join('')
}
