import {formatShortPlatform, parsePlatform} from '../oci/platform.ts'
import type {Problems} from './problem.ts'
import type {ListItem} from './syntax/lists.ts'

/** Maximum of a size or of its growth. */
export type SizeLimit =
  {readonly kind: 'bytes'; readonly bytes: number} | {readonly kind: 'percent'; readonly percent: number}

/** Limits by platform, as `linux/amd64`. Those of the empty text apply to platforms without limits of their own. */
export type LimitsByPlatform = ReadonlyMap<string, SizeLimit>

/** Limits of the compressed size of each platform. */
export interface SizeLimits {
  readonly maxSize: LimitsByPlatform
  /** Limits of the growth since the image that a floating tag points to. */
  readonly maxGrowth: LimitsByPlatform
}

/** Items of `max-size` and `max-growth`. */
export interface WrittenLimits {
  readonly maxSize: readonly ListItem[]
  readonly maxGrowth: readonly ListItem[]
}

/** Parses `max-size` and `max-growth`. */
export function parseSizeLimits({maxSize, maxGrowth}: WrittenLimits, problems: Problems): SizeLimits {
  return {
    maxSize: parseLimits('max-size', maxSize, problems),
    maxGrowth: parseLimits('max-growth', maxGrowth, problems),
  }
}

function parseLimits(
  input: 'max-size' | 'max-growth',
  items: readonly ListItem[],
  problems: Problems,
): LimitsByPlatform {
  const limits = new Map<string, SizeLimit>()
  for (const {text, number: line, column} of items) {
    const problem = (message: string, remedy: string, offset = 0): void => {
      problems.add({input, line, column: column + offset, message, remedy})
    }
    const equals = text.indexOf('=')
    const name = text.slice(0, Math.max(0, equals)).trim()
    const platform = parsePlatform(name)
    if (equals !== -1 && platform === undefined) {
      problem(`"${name}" is not a platform`, 'Write OS/ARCHITECTURE before the =, such as linux/arm64.')
      continue
    }
    const value = text.slice(equals + 1).trim()
    const limit = parseLimit(value, input === 'max-growth')
    if (limit === undefined) {
      problem(`"${value}" is not ${expected[input]}`, remedies[input], equals + 1)
      continue
    }
    const key = platform === undefined ? '' : formatShortPlatform(platform)
    if (limits.has(key)) {
      const whose = platform === undefined ? 'all platforms' : name
      problem(`there are two limits for ${whose}`, 'Remove one of them.')
      continue
    }
    limits.set(key, limit)
  }
  return limits
}

const expected = {'max-size': 'a size', 'max-growth': 'a size or a percentage'} as const

const remedies = {
  'max-size': 'Write a number and a unit, such as 250 MB or 1.5 GiB.',
  'max-growth': 'Write a percentage such as 10%, or a number and a unit, such as 20 MB.',
} as const

/** Parses `10%` and `250 MB`. Decimal units have powers of 1000, as sizes in registries; KiB, MiB and GiB of 1024. */
function parseLimit(text: string, allowsPercent: boolean): SizeLimit | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,9})?) ?(%|B|kB|MB|GB|KiB|MiB|GiB)$/i.exec(text)
  const [, number = '', unit = ''] = match ?? []
  if (match === null) return undefined
  if (unit === '%') return allowsPercent ? {kind: 'percent', percent: Number(number)} : undefined
  return {kind: 'bytes', bytes: Math.floor(Number(number) * (bytesOf.get(unit.toLowerCase()) ?? 1))}
}

const bytesOf: ReadonlyMap<string, number> = new Map([
  ['kb', 1000],
  ['mb', 1000 ** 2],
  ['gb', 1000 ** 3],
  ['kib', 1024],
  ['mib', 1024 ** 2],
  ['gib', 1024 ** 3],
])
