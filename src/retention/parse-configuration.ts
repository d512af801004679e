import {labelledFacts, type ImageFacts} from '../oci/image-facts.ts'
import {field, parseJson} from '../oci/manifest.ts'

/** Facts and date in the configuration of an image or of a build cache. */
export interface Configuration {
  readonly facts: ImageFacts
  /** `created` of an image, or the newest `createdAt` of a cache. Undefined if it states none. */
  readonly configuredAt: Date | undefined
}

/** Media types of configurations that state a date. */
const datedTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
  'application/vnd.buildkit.cacheconfig.v0',
])

/** Reports whether a configuration of this type may state a date. */
export function isDated(mediaType: string): boolean {
  return datedTypes.has(mediaType)
}

/**
 * Parses a configuration of OCI (https://github.com/opencontainers/image-spec/blob/main/config.md), Docker or a cache of
 * BuildKit (https://github.com/moby/buildkit/blob/master/cache/remotecache/v1/spec.go).
 */
export function parseConfiguration(bytes: Uint8Array): Configuration {
  const value = parseJson(bytes)
  const results = listIn(value, 'records').flatMap((record) => [
    ...listIn(record, 'layers'),
    ...listIn(record, 'chains'),
  ])
  const dates = [field(value, 'created'), ...results.map((result) => field(result, 'createdAt'))].flatMap(
    (value) => parseTime(value)?.getTime() ?? [],
  )
  return {
    facts: labelledFacts(bytes),
    configuredAt: dates.length === 0 ? undefined : new Date(Math.max(...dates)),
  }
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const list = field(value, name)
  return Array.isArray(list) ? list : []
}

/**
 * Parses a time of a web API or of a configuration: RFC 3339, such as `2026-01-02T03:04:05.678Z`. Undefined if it is none, or the zero
 * time of Go (`0001-01-01T00:00:00Z`), which means "unknown".
 */
export function parseTime(value: unknown): Date | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value) || value.startsWith('0001-')) return undefined
  const time = new Date(value)
  return Number.isNaN(time.getTime()) ? undefined : time
}
