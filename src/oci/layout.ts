import type {Digest} from './digest.ts'
import {field, parseDescriptor, parseJson, type Descriptor} from './manifest.ts'

/** Files of an OCI image layout: https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
export const layoutFiles = {marker: 'oci-layout', index: 'index.json'} as const

/** Path of a blob in a layout, in parts. */
export function blobPath(digest: Digest): readonly string[] {
  const [algorithm = '', hex = ''] = digest.split(':')
  return ['blobs', algorithm, hex]
}

/** Top manifest or index of a layout, or the reason why the layout is not valid. */
type ParsedLayout = {readonly ok: true; readonly top: Descriptor} | {readonly ok: false; readonly reason: string}

/** Parses the two documents of a layout with one image. `index.json` lists the image once per name. */
export function parseLayout(marker: Uint8Array, index: Uint8Array): ParsedLayout {
  const version = field(parseJson(marker), 'imageLayoutVersion')
  if (typeof version !== 'string' || !version.startsWith('1.')) return fail('oci-layout does not have version 1')
  const entries = field(parseJson(index), 'manifests')
  if (!Array.isArray(entries)) return fail('index.json has no list of manifests')
  const tops = entries.map(parseDescriptor)
  const [top] = tops
  if (top === undefined) return fail('index.json lists no image')
  if (tops.some((other) => other?.digest !== top.digest)) return fail('index.json lists more than one image')
  return {ok: true, top}
}

function fail(reason: string): {readonly ok: false; readonly reason: string} {
  return {ok: false, reason}
}
