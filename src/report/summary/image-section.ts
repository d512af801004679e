import type {BuildRecord} from '../../buildx/progress/build-record.ts'
import {formatBytes} from '../../oci/byte-size.ts'
import {shortDigest} from '../../oci/digest.ts'
import {previousOf, type PreviousImage, type PublishedImage} from '../../oci/published-image.ts'
import {sizeChange, timeCell} from './build-parts.ts'
import {code, details, table, text} from './markdown.ts'
import type {Report} from '../report.ts'

/**
 * Folded section about the image: builder, base images, and size and layers of each platform. Absent without the last
 * two: the log names the builder.
 */
export function imageSection(report: Report): readonly string[] {
  const {staged, called, previous} = report
  if (called !== undefined) return []
  const images = staged?.images ?? []
  const changes = images.flatMap((image) => layerChange(image, previous) ?? [])
  const about = [...baseLine(report), ...platformTable(images, report)]
  if (about.length === 0) return []
  return [details(title(images.length, changes, previous), [...builtLine(report), ...about].join('\n\n'))]
}

function title(platforms: number, changes: readonly LayerChange[], previous: PreviousImage | undefined): string {
  const count = platforms === 0 ? [] : [`${platforms} ${platforms === 1 ? 'platform' : 'platforms'}`]
  const changed = changes.reduce((sum, one) => sum + one.changed, 0)
  const total = changes.reduce((sum, one) => sum + one.total, 0)
  const layers = changes.length === 0 ? [] : [`${changed} of ${total} layers changed since ${nameOf(previous)}`]
  const shown = [...count, ...layers].join(', ')
  return shown === '' ? 'Build' : `Image: ${shown}`
}

/** Version of the previous image as HTML, since a title is not Markdown. */
function nameOf(previous: PreviousImage | undefined): string {
  const name = previous?.version ?? previous?.tag ?? ''
  return `<code>${name.replace(/[^\w.+-]/g, '')}</code>`
}

function platformTable(images: readonly PublishedImage[], {build, previous}: Report): readonly string[] {
  if (images.length === 0) return []
  const since = code(previous?.version ?? previous?.tag ?? '')
  const columns = [
    {head: 'Platform', cells: images.map(({platform}) => code(platform))},
    {head: 'Compressed size', cells: images.map(({compressedBytes}) => formatBytes(compressedBytes))},
    {head: `Change from ${since}`, cells: images.map((image) => sizeChange(image, previous) ?? '')},
    {head: 'Changed layers', cells: images.map((image) => formatLayers(layerChange(image, previous)))},
    {head: 'Build time', cells: images.map(({platform}) => timeCell(build?.record, platform))},
    {head: 'Digest', cells: images.map(({digest}) => code(shortDigest(digest)))},
  ].filter(({cells}) => cells.some((cell) => cell !== ''))
  const rows = images.map((_, index) => columns.map(({cells}) => cells[index] ?? ''))
  return [
    table(
      columns.map(({head}) => head),
      rows,
    ),
  ]
}

function builtLine({build}: Report): readonly string[] {
  if (build?.builder === undefined) return []
  const {name, driver} = build.builder
  return [`Built by ${code(name)} (driver ${text(driver)}).`]
}

/** Base images of the Dockerfile, with their digests, and whether the lowest layer is that of the previous image. */
function baseLine({build, staged, previous}: Report): readonly string[] {
  const bases = baseImages(build?.record)
  if (bases.length === 0) return []
  const names = bases.map(({name, digest}) => `${code(name)} (${code(digest)})`)
  const lowest = (staged?.images ?? []).flatMap((image) => {
    const [now, before] = [image.layers?.[0], previousOf(image, previous)?.layers?.[0]]
    return now === undefined || before === undefined ? [] : [now.digest === before.digest]
  })
  const since = code(previous?.version ?? previous?.tag ?? '')
  const state =
    lowest.length === 0
      ? ''
      : `. The lowest layer ${lowest.every(Boolean) ? 'is the same as' : 'is not the one'} in ${since}`
  return [`Base ${bases.length === 1 ? 'image' : 'images'} ${names.join(', ')}${state}.`]
}

interface BaseImage {
  readonly name: string
  readonly digest: string
}

const maxBases = 5

/** Images of the instructions `FROM` that were pulled by digest. */
function baseImages(record: BuildRecord | undefined): readonly BaseImage[] {
  const found = (record?.steps ?? []).flatMap(({name}): readonly BaseImage[] => {
    const [, image, digest] = /^\[[^\]]*\] FROM (\S+?)@(sha256:[0-9a-f]{12})[0-9a-f]{52}$/.exec(name) ?? []
    return image === undefined || digest === undefined
      ? []
      : [{name: image.replace(/^docker\.io\/(?:library\/)?/, ''), digest}]
  })
  return [...new Map(found.map((one) => [`${one.name}@${one.digest}`, one])).values()].slice(0, maxBases)
}

interface LayerChange {
  readonly changed: number
  readonly total: number
  readonly changedBytes: number
}

/** Layers that the previous image of the platform does not have; undefined if the layers of one are not known. */
function layerChange(image: PublishedImage, previous: PreviousImage | undefined): LayerChange | undefined {
  const before = previousOf(image, previous)?.layers
  if (image.layers === undefined || before === undefined) return undefined
  const known = new Set(before.map(({digest}) => digest))
  const changed = image.layers.filter(({digest}) => !known.has(digest))
  return {
    changed: changed.length,
    total: image.layers.length,
    changedBytes: changed.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0),
  }
}

function formatLayers(change: LayerChange | undefined): string {
  if (change === undefined) return ''
  const {changed, total, changedBytes} = change
  return changed === 0 ? `none of ${total}` : `${changed} of ${total}, ${formatBytes(changedBytes)}`
}
