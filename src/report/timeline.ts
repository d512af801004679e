import type {BuildRecord, StepRecord} from '../buildx/progress/build-record.ts'

const maxBars = 40
/** Shorter steps would be lines instead of bars. */
const minShare = 0.01

/**
 * Gantt chart of a build's steps, which GitHub draws from a `mermaid` block
 * (https://mermaid.js.org/syntax/gantt.html): a section for each platform, failed steps in red. Undefined for fewer
 * than two steps.
 */
export function timeline({steps}: Pick<BuildRecord, 'steps'>): string | undefined {
  const last = Math.max(0, ...steps.map(({startedMs, durationMs}) => startedMs + durationMs))
  const ran = steps.filter(({cached, durationMs}) => !cached && durationMs >= Math.max(1, last * minShare))
  const longest = ran.toSorted((a, b) => b.durationMs - a.durationMs)
  const shown = longest.slice(0, maxBars).toSorted((a, b) => a.startedMs - b.startedMs)
  const end = Math.max(0, ...shown.map(({startedMs, durationMs}) => startedMs + durationMs))
  if (shown.length < 2 || end >= dayMs) return undefined
  // Sorted by name, so that charts of two runs can be compared: the platforms start in any order.
  const platforms = [...new Set(shown.map(({platform}) => platform ?? ''))].sort()
  return [
    'gantt',
    // The chart has dates, not durations: midnight is the start of the build.
    'dateFormat HH:mm:ss.SSS',
    `axisFormat ${end < 10_000 ? '%S.%L' : end < hourMs ? '%M:%S' : '%H:%M'}`,
    'todayMarker off',
    ...platforms.flatMap((platform) => [
      `section ${label(platform) || 'build'}`,
      ...shown.filter((step) => (step.platform ?? '') === platform).map(bar),
    ]),
  ].join('\n')
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

function bar({name, platform, error, startedMs, durationMs}: StepRecord): string {
  // No other tag: Mermaid's dark theme shows the names of active and done tasks in black.
  const tag = error === undefined ? '' : 'crit, '
  // The dot prevents a name from being read as a keyword.
  const text = `· ${label(name.replace(`[${platform ?? ''} `, '['))} ${(durationMs / 1000).toFixed(1)}s`
  return `${text} :${tag}${clock(startedMs)}, ${Math.round(durationMs)}ms`
}

/** `00:01:02.345` */
function clock(ms: number): string {
  return new Date(ms).toISOString().slice('1970-01-01T'.length, -1)
}

/**
 * Text without characters that Mermaid or a browser interpret: a colon ends a name, `#`, `;` and `%` are Mermaid syntax,
 * and angle brackets are HTML (https://github.com/mermaid-js/mermaid/blob/develop/packages/mermaid/src/diagrams/gantt/parser/gantt.jison).
 */
function label(text: string): string {
  const plain = text.replace(/[^\p{L}\p{N}./@+=_-]+/gu, ' ').trim()
  const [start = ''] = /^.{0,59}/u.exec(plain) ?? []
  return plain.length > start.length + 1 ? `${start}…` : plain
}
