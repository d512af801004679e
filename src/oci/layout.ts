import type {Digest} from './digest.ts'
import {field, parseDescriptor, parseJson, type Descriptor} from './manifest.ts'

/** OCI image layout: https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
export const layoutFiles = {marker: 'oci-layout', index: 'index.json'} as const

/** Where a blob lies in a layout, as the parts of a path. */
export function blobPath(digest: Digest): readonly string[] {
  const [algorithm = '', hex = ''] = digest.split(':')
  return ['blobs', algorithm, hex]
}

export type ParsedLayout = {readonly ok: true; readonly top: Descriptor} | {readonly ok: false; readonly reason: string}

/**
 * The one image of a layout, from its two documents. `index.json` lists it once for each name that it was given.
 */
export function parseLayout(marker: Uint8Array, index: Uint8Array): ParsedLayout {
  const version = field(parseJson(marker), 'imageLayoutVersion')
  if (typeof version !== 'string' || !version.startsWith('1.'))
    return fail('oci-layout names no version 1 of the layout')
  const entries = field(parseJson(index), 'manifests')
  if (!Array.isArray(entries)) return fail('index.json lists no manifests')
  const tops = entries.map(parseDescriptor)
  const [top] = tops
  if (top === undefined) return fail('index.json lists no image')
  if (tops.some((other) => other?.digest !== top.digest)) return fail('index.json lists more than one image')
  return {ok: true, top}
}

function fail(reason: string): {readonly ok: false; readonly reason: string} {
  return {ok: false, reason}
}
