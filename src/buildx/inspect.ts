import {TagboatError} from '../errors/error.ts'
import {formatPlatform, parsePlatform, samePlatform, type Platform} from '../oci/platform.ts'

/** A builder as `docker buildx inspect` shows it. */
export interface Builder {
  readonly name: string
  readonly driver: string
  /** Platforms that some node can run, natively or emulated. Empty: the builder has not said yet. */
  readonly platforms: readonly Platform[]
  readonly buildkitVersion: string | undefined
}

/** The text of `docker buildx inspect`; there is no machine-readable form of it that says the platforms. */
export function parseBuilder(text: string): Builder {
  const lines = text.split('\n')
  return {
    name: firstValue(lines, 'Name') ?? '',
    driver: firstValue(lines, 'Driver') ?? '',
    platforms: allValues(lines, 'Platforms').flatMap((value) => platformsOf(value)),
    buildkitVersion: firstValue(lines, 'BuildKit version') ?? firstValue(lines, 'Buildkit'),
  }
}

/**
 * @throws TagboatError `platform-missing` when no node of the builder can run one of the platforms. A builder that has
 * not said what it can is given the benefit of the doubt.
 */
export function requirePlatforms(builder: Builder, asked: readonly Platform[]): void {
  if (builder.platforms.length === 0) return
  const missing = asked.filter((platform) => !builder.platforms.some((known) => samePlatform(known, platform)))
  if (missing.length === 0) return
  const names = missing.map(formatPlatform).join(', ')
  throw new TagboatError('platform-missing', {
    message: `The builder "${builder.name}" cannot run ${names}.`,
    evidence: [`platforms of the builder: ${builder.platforms.map(formatPlatform).join(', ')}`],
  })
}

function firstValue(lines: readonly string[], name: string): string | undefined {
  return allValues(lines, name)[0]
}

function allValues(lines: readonly string[], name: string): readonly string[] {
  const prefix = `${name}:`
  return lines
    .filter((line) => line.trimStart().startsWith(prefix))
    .map((line) => line.slice(line.indexOf(':') + 1).trim())
}

/** `linux/amd64*, linux/386`: the star marks a platform that was set by hand. */
function platformsOf(value: string): readonly Platform[] {
  return value.split(',').flatMap((text) => parsePlatform(text.trim().replace(/\*$/, '')) ?? [])
}
