import {digestOf, type Digest} from './digest.ts'
import {field, manifestMediaTypes, parseDescriptor, parseJson, type ManifestContent} from './manifest.ts'
import {platformOf, formatPlatform} from './platform.ts'

/** Image or index to merge. */
export interface MergeSource extends ManifestContent {
  /** Configuration of an image without an index, which has the platform. */
  readonly config?: Uint8Array
}

type Merged =
  {readonly ok: true; readonly index: ManifestContent} | {readonly ok: false; readonly reasons: readonly string[]}

/** Entry of the merged index. */
interface Entry {
  readonly json: unknown
  readonly digest: Digest
  /** `linux/arm64`, with the OS version if any. Undefined for attestations and images without a platform. */
  readonly platform: string | undefined
  /**
   * Digest of the manifest that an attestation of BuildKit describes:
   * https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
   */
  readonly subject: string | undefined
}

/**
 * Merges images of single platforms into one OCI index: images in the order of their platforms, then their attestations
 * in the same order, so that the bytes do not depend on the order of the sources. A single source is returned
 * unchanged. Two images for one platform, and an image without a platform, cannot be merged.
 */
export function mergeIndex(
  sources: readonly MergeSource[],
  annotations: Readonly<Record<string, string>> = {},
): Merged {
  const distinct = [...new Map(sources.map((source) => [source.digest, source])).values()]
  const [only, ...rest] = distinct
  if (only !== undefined && rest.length === 0) return {ok: true, index: only}
  const found = distinct.map(entriesOf)
  // If two sources list a manifest differently, the choice must not depend on the order of the sources.
  const listed = found.flat().sort(by(({json}) => JSON.stringify(json)))
  const entries = [...new Map(listed.map((entry) => [entry.digest, entry])).values()]
  const images = entries.filter(({platform}) => platform !== undefined).sort(by(({platform}) => platform ?? ''))
  const reasons = [
    ...distinct
      .filter((_, index) => found[index]?.every(({platform}) => platform === undefined))
      .map(missingPlatformReason),
    ...duplicatePlatformReasons(images),
  ]
  if (reasons.length > 0) return {ok: false, reasons}
  const position = new Map<string, number>(images.map(({digest}, index) => [digest, index]))
  const positionOf = ({subject}: Entry): number => position.get(subject ?? '') ?? images.length
  const others = entries
    .filter(({platform}) => platform === undefined)
    .sort(by(({digest}) => digest))
    .sort((a, b) => positionOf(a) - positionOf(b))
  return {ok: true, index: indexOf([...images, ...others], annotations)}
}

function indexOf(entries: readonly Entry[], annotations: Readonly<Record<string, string>>): ManifestContent {
  const sorted = Object.entries(annotations).sort(by(([key]) => key))
  const [mediaType] = manifestMediaTypes
  const json = {
    schemaVersion: 2,
    mediaType,
    manifests: entries.map((entry) => entry.json),
    ...(sorted.length === 0 ? {} : {annotations: Object.fromEntries(sorted)}),
  }
  const bytes = new TextEncoder().encode(JSON.stringify(json))
  return {digest: digestOf(bytes), mediaType, bytes}
}

function entriesOf(source: MergeSource): readonly Entry[] {
  const manifests = field(parseJson(source.bytes), 'manifests')
  return Array.isArray(manifests) ? manifests.flatMap(entryOf) : entryOf(descriptorOf(source))
}

/** Entry of a descriptor, which is preserved with its annotations and unknown fields. */
function entryOf(json: unknown): readonly Entry[] {
  const descriptor = parseDescriptor(json)
  if (descriptor === undefined) return []
  const subject = field(field(json, 'annotations'), 'vnd.docker.reference.digest')
  return [
    {
      json,
      digest: descriptor.digest,
      platform: runnablePlatform(field(json, 'platform')),
      subject: typeof subject === 'string' ? subject : undefined,
    },
  ]
}

/**
 * Platform of an image, with the OS version, since Windows has an image per version. Undefined for the platform
 * `unknown/unknown` of attestations.
 */
function runnablePlatform(platform: unknown): string | undefined {
  const parsed = platformOf(platform)
  if (parsed === undefined || parsed.os === 'unknown') return undefined
  const version = field(platform, 'os.version')
  return typeof version === 'string' ? `${formatPlatform(parsed)} ${version}` : formatPlatform(parsed)
}

const platformFields = ['architecture', 'os', 'os.version', 'os.features', 'variant']

function descriptorOf({digest, mediaType, bytes, config}: MergeSource): object {
  const platform = config === undefined ? undefined : parseJson(config)
  const known = platformFields.flatMap((name): [string, unknown][] => {
    const value = field(platform, name)
    return value === undefined || value === '' ? [] : [[name, value]]
  })
  return {mediaType, digest, size: bytes.byteLength, platform: Object.fromEntries(known)}
}

function missingPlatformReason({digest}: MergeSource): string {
  return `${digest} has no platform`
}

function duplicatePlatformReasons(images: readonly Entry[]): readonly string[] {
  const platforms = Map.groupBy(images, ({platform}) => effectivePlatform(platform ?? ''))
  return [...platforms].flatMap(([platform, same]) =>
    same.length === 1
      ? []
      : [
          `${platform} is in ${same
            .map(({digest}) => digest)
            .sort()
            .join(' and ')}`,
        ],
  )
}

/** Platform with the default variant: `linux/arm` is `linux/arm/v7` for a runtime. */
function effectivePlatform(platform: string): string {
  return platform.replace(/^([^/]+\/arm)(?= |$)/, '$1/v7')
}

function by<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => {
    const [first, second] = [key(a), key(b)]
    return first < second ? -1 : first > second ? 1 : 0
  }
}
