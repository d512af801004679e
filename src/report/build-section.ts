import {formatBytes} from '../oci/byte-size.ts'
import {shortDigest} from '../oci/digest.ts'
import {cacheShare, seconds, sizeChange, slowestSteps, timeCell} from './build-parts.ts'
import {code, details, fence, table, text} from './markdown.ts'
import type {Report} from './report.ts'
import {timeline} from './timeline.ts'

/** Builder and duration of the build, and a table of the platforms of the image. */
export function platformTable({staged, build, previous, called}: Report): readonly string[] {
  if (called !== undefined) return []
  const images = staged?.images ?? []
  const changes = images.map((image) => sizeChange(image, previous))
  const columns = [
    {head: 'Platform', cells: images.map(({platform}) => code(platform))},
    {head: 'Compressed size', cells: images.map(({compressedBytes}) => formatBytes(compressedBytes))},
    {head: `Change from previous ${code(previous?.tag ?? '')}`, cells: changes.map((change) => change ?? '')},
    {head: 'Build time', cells: images.map(({platform}) => timeCell(build?.record, platform))},
    {head: 'Digest', cells: images.map(({digest}) => code(shortDigest(digest)))},
  ].filter(({cells}) => cells.some((cell) => cell !== ''))
  const rows = images.map((_, index) => columns.map(({cells}) => cells[index] ?? ''))
  const head = columns.map((column) => column.head)
  return [...builtLine(build), ...(rows.length === 0 ? [] : [table(head, rows)])]
}

function builtLine(build: Report['build']): readonly string[] {
  if (build === undefined) return []
  const by = build.builder === undefined ? '' : ` by ${code(build.builder.name)} (driver ${text(build.builder.driver)})`
  const cached = build.record === undefined ? undefined : cacheShare(build.record)
  return [`Built${by} in ${seconds(build.durationMs)}${cached === undefined ? '' : `, ${cached}`}.`]
}

/** Result of a build with `call`, as Buildx prints it. */
export function callResult({build}: Report): readonly string[] {
  const result = build?.callResult?.trim() ?? ''
  return result === '' ? [] : [fence(result)]
}

/**
 * Chart of the build steps, and a table of the slowest ones behind a click. The chart is visible: browsers give Mermaid
 * no width inside a closed `<details>`.
 */
export function buildSteps({build, called}: Report): readonly string[] {
  if (build?.record === undefined || called !== undefined) return []
  const chart = timeline(build.record)
  const slowest = slowestSteps(build.record).map(({name, platform, durationMs}) => [
    code(name.length > maxName ? `${name.slice(0, maxName)}…` : name),
    code(platform ?? ''),
    seconds(durationMs),
  ])
  return [
    ...(chart === undefined ? [] : [fence(chart, 'mermaid')]),
    ...(slowest.length === 0 ? [] : [details('Slowest steps', table(['Step', 'Platform', 'Time'], slowest))]),
  ]
}

/** Longest name of a step that is shown whole: the command of a step can be as long as a script. */
const maxName = 120
