import type {Digest} from '../oci/digest.ts'
import {formatPlatform, type Platform} from '../oci/platform.ts'
import type {BuildMetadata} from './metadata.ts'

/** Metadata of one of the builds that together make an image. */
export interface PartMetadata {
  readonly platforms: readonly Platform[]
  readonly metadata: BuildMetadata
}

/** Descriptor of the index that combines the parts. */
export interface MergedDescriptor {
  readonly digest: Digest
  readonly mediaType: string
  readonly sizeBytes: number
}

/**
 * Combines several metadata files. A field that differs between the builds is written for each platform with a suffix
 * such as `/linux/arm64`, as Buildx does with the provenance of several platforms
 * (https://docs.docker.com/reference/cli/docker/buildx/build/#metadata-file). Digest and descriptor are those of the
 * index, and are omitted without one.
 */
export function mergeMetadata(parts: readonly PartMetadata[], merged: MergedDescriptor | undefined): BuildMetadata {
  const fields = parts.flatMap(({platforms, metadata}) =>
    fieldsOf(metadata.text).map(([name, value]) => ({name, value, platforms})),
  )
  const named = [...Map.groupBy(fields, ({name}) => name)].flatMap(([name, all]): [string, unknown][] => {
    const distinct = new Set(all.map(({value}) => JSON.stringify(value)))
    if (distinct.size === 1) return [[name, all[0]?.value]]
    return all.flatMap(({value, platforms}) =>
      platforms.map((platform): [string, unknown] => [`${name}/${formatPlatform(platform)}`, value]),
    )
  })
  const own = merged === undefined ? [] : wholeFields(merged)
  const sorted = [...named, ...own].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    text: JSON.stringify(Object.fromEntries(sorted), undefined, 2),
    digest: merged?.digest,
    platform: undefined,
  }
}

/** Metadata of a build whose image is published with another manifest or index at its top. */
export function metadataOf({text}: BuildMetadata, top: MergedDescriptor): BuildMetadata {
  const fields = [...fieldsOf(text), ...wholeFields(top)]
  return {
    text: JSON.stringify(Object.fromEntries(fields), undefined, 2),
    digest: top.digest,
    platform: undefined,
  }
}

function wholeFields({digest, mediaType, sizeBytes}: MergedDescriptor): readonly [string, unknown][] {
  return [
    ['containerimage.digest', digest],
    ['containerimage.descriptor', {mediaType, digest, size: sizeBytes}],
  ]
}

function fieldsOf(text: string): readonly [string, unknown][] {
  const value: unknown = JSON.parse(text)
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}
