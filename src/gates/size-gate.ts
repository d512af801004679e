import {formatBytes} from '../oci/byte-size.ts'
import {formatShortPlatform, parsePlatform} from '../oci/platform.ts'
import {previousOf, type PreviousImage, type PublishedImage} from '../oci/published-image.ts'
import type {LimitsByPlatform, SizeLimit, SizeLimits} from '../inputs/size-limits.ts'

/** Sizes of an image, compared with their limits. */
interface SizeVerdict {
  /** One line for each platform with a limit: `linux/amd64: 41.2 MB (limit 50.0 MB)`. */
  readonly lines: readonly string[]
  /** Platforms that are too large, with their limits and largest new layers. */
  readonly problems: readonly string[]
  /** Limits of platforms that the image does not have. */
  readonly absent: readonly {readonly input: 'max-size' | 'max-growth'; readonly platform: string}[]
}

/**
 * Compares the compressed size of each platform with its limits. Without a previous image of a platform, its growth is
 * not limited.
 */
export function judgeSizes(
  images: readonly PublishedImage[],
  {maxSize, maxGrowth}: SizeLimits,
  previous: PreviousImage | undefined,
): SizeVerdict {
  const judged = images.map((image) => {
    const before = previousOf(image, previous)
    const most = limitFor(image, maxSize)
    const growth = limitFor(image, maxGrowth)
    return {image, parts: [sizePart(image, most), growthPart(image, growth, before, previous)], before}
  })
  const lineOf = ({image, parts}: (typeof judged)[number], isShown: (part: Part) => boolean): readonly string[] => {
    const texts = parts.flatMap((part) => (part !== undefined && isShown(part) ? [part.text] : []))
    return texts.length === 0 ? [] : [`${image.platform}: ${texts.join(', ')}`]
  }
  const known = new Set(images.map(platformKey))
  const absent = (['max-size', 'max-growth'] as const).flatMap((input) =>
    [...(input === 'max-size' ? maxSize : maxGrowth).keys()]
      .filter((key) => key !== '' && !known.has(key))
      .map((platform) => ({input, platform})),
  )
  return {
    lines: judged.flatMap((one) => lineOf(one, () => true)),
    problems: judged.flatMap((one) => [
      ...lineOf(one, ({isTooLarge}) => isTooLarge),
      ...(one.parts.some((part) => part?.isTooLarge === true) ? newLayers(one.image, one.before, previous) : []),
    ]),
    absent: images.some(({platform}) => platform === 'unknown') ? [] : absent,
  }
}

interface Part {
  readonly text: string
  readonly isTooLarge: boolean
}

function sizePart({compressedBytes}: PublishedImage, limit: SizeLimit | undefined): Part | undefined {
  if (limit?.kind !== 'bytes') return undefined
  return {
    text: `${formatBytes(compressedBytes)} (limit ${formatBytes(limit.bytes)}${excess(compressedBytes - limit.bytes)})`,
    isTooLarge: compressedBytes > limit.bytes,
  }
}

function growthPart(
  {compressedBytes}: PublishedImage,
  limit: SizeLimit | undefined,
  before: PublishedImage | undefined,
  previous: PreviousImage | undefined,
): Part | undefined {
  if (limit === undefined) return undefined
  if (before === undefined || previous === undefined)
    return {text: 'no earlier image to compare with', isTooLarge: false}
  const bytes = compressedBytes - before.compressedBytes
  const most = limit.kind === 'bytes' ? limit.bytes : (before.compressedBytes * limit.percent) / 100
  const allowed = limit.kind === 'bytes' ? formatBytes(limit.bytes) : `${limit.percent}%`
  const change = bytes > 0 ? `${amount(bytes, before, limit)} larger` : 'not larger'
  return {
    text: `${change} than ${nameOf(previous)} (limit +${allowed}${excess(bytes - most)})`,
    isTooLarge: bytes > most,
  }
}

/** Bytes over a limit. Rounded sizes may look the same. */
function excess(bytes: number): string {
  return bytes > 0 ? `, ${formatBytes(Math.ceil(bytes))} over` : ''
}

/** Growth in the unit of its limit: `1.2 MB` or `1.2 MB (10.4%)`. */
function amount(bytes: number, before: PublishedImage, limit: SizeLimit): string {
  if (limit.kind === 'bytes' || before.compressedBytes === 0) return formatBytes(bytes)
  return `${formatBytes(bytes)} (${((bytes / before.compressedBytes) * 100).toFixed(1)}%)`
}

function nameOf({version, tag}: PreviousImage): string {
  return version ?? tag
}

/** Number of layers that an error names. */
const mostLayers = 3

/** Lines about the largest layers that the previous image lacks. */
function newLayers(
  {platform, layers = []}: PublishedImage,
  before: PublishedImage | undefined,
  previous: PreviousImage | undefined,
): readonly string[] {
  const known = new Set(before?.layers?.map(({digest}) => digest))
  const largest = layers
    .map((layer, index) => ({...layer, number: index + 1}))
    .filter(({digest}) => !known.has(digest))
    .sort((a, b) => b.sizeBytes - a.sizeBytes)
    .slice(0, mostLayers)
    .map(({number, sizeBytes}) => `${formatBytes(sizeBytes)} (layer ${number} of ${layers.length})`)
  if (largest.length === 0) return []
  const isNew = before === undefined || previous === undefined
  const which = isNew ? 'largest layers' : `largest layers that ${nameOf(previous)} does not have`
  return [`${platform}: ${which}: ${largest.join(', ')}`]
}

function limitFor(image: PublishedImage, limits: LimitsByPlatform): SizeLimit | undefined {
  return limits.get(platformKey(image)) ?? limits.get('')
}

function platformKey({platform}: PublishedImage): string {
  const parsed = parsePlatform(platform)
  return parsed === undefined ? platform : formatShortPlatform(parsed)
}
