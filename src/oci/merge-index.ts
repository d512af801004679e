import {digestOf, type Digest} from './digest.ts'
import {field, manifestMediaTypes, parseDescriptor, parseJson, type ManifestContent} from './manifest.ts'
import {platformOf, formatPlatform} from './platform.ts'

/** An image or an index that becomes a part of another one. */
export interface MergeSource extends ManifestContent {
  /** The configuration of an image that is no index, in JSON: it says the platform. */
  readonly config?: Uint8Array
}

export type Merged =
  {readonly ok: true; readonly index: ManifestContent} | {readonly ok: false; readonly reasons: readonly string[]}

/** Of one entry of the index to be. */
interface Entry {
  readonly json: unknown
  readonly digest: Digest
  /** `linux/arm64`, with the version of the system where one is named; undefined: no image that runs. */
  readonly platform: string | undefined
  /** Which manifest an attestation of BuildKit's is of: https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md */
  readonly attests: string | undefined
}

/**
 * Several images of single platforms as one OCI index: images in the order of their platforms, then their attestations in
 * the same order, so that the bytes depend on what is merged alone. Of one source there is nothing to merge, and it
 * stays as it is. Two images for one platform, and one for none, are the reasons of a refusal.
 */
export function mergeIndex(
  sources: readonly MergeSource[],
  annotations: Readonly<Record<string, string>> = {},
): Merged {
  const distinct = [...new Map(sources.map((source) => [source.digest, source])).values()]
  const [only, ...rest] = distinct
  if (only !== undefined && rest.length === 0) return {ok: true, index: only}
  const found = distinct.map(entriesOf)
  // Listed by two sources in two ways, a manifest is listed in the same one of them whichever source comes first.
  const listed = found.flat().sort(by(({json}) => JSON.stringify(json)))
  const entries = [...new Map(listed.map((entry) => [entry.digest, entry])).values()]
  const images = entries.filter(({platform}) => platform !== undefined).sort(by(({platform}) => platform ?? ''))
  const reasons = [
    ...distinct.filter((_, index) => found[index]?.every(({platform}) => platform === undefined)).map(withoutPlatform),
    ...doubled(images),
  ]
  if (reasons.length > 0) return {ok: false, reasons}
  const place = new Map<string, number>(images.map(({digest}, index) => [digest, index]))
  const placeOf = ({attests}: Entry): number => place.get(attests ?? '') ?? images.length
  const others = entries
    .filter(({platform}) => platform === undefined)
    .sort(by(({digest}) => digest))
    .sort((a, b) => placeOf(a) - placeOf(b))
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

/** A descriptor is kept to the letter: its annotations, and fields that are not known here. */
function entryOf(json: unknown): readonly Entry[] {
  const descriptor = parseDescriptor(json)
  if (descriptor === undefined) return []
  const attests = field(field(json, 'annotations'), 'vnd.docker.reference.digest')
  return [
    {
      json,
      digest: descriptor.digest,
      platform: runs(field(json, 'platform')),
      attests: typeof attests === 'string' ? attests : undefined,
    },
  ]
}

/** BuildKit lists attestations under the platform `unknown/unknown`. Of Windows there is an image for each version. */
function runs(platform: unknown): string | undefined {
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

function withoutPlatform({digest}: MergeSource): string {
  return `${digest} is an image for no platform`
}

function doubled(images: readonly Entry[]): readonly string[] {
  const platforms = Map.groupBy(images, ({platform}) => effective(platform ?? ''))
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

/** `linux/arm` is `linux/arm/v7`, as a runtime reads it. */
function effective(platform: string): string {
  return platform.replace(/^([^/]+\/arm)(?= |$)/, '$1/v7')
}

function by<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => {
    const [first, second] = [key(a), key(b)]
    return first < second ? -1 : first > second ? 1 : 0
  }
}
